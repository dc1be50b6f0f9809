#!/usr/bin/env bash
# Installs from Debian what the benchmark measures against: MariaDB (the legacy database) and pgloader, and
# PostgreSQL for its account: root runs the server that wavegate brings along as `postgres`. Needs root or sudo;
# says what is missing.
set -uo pipefail

wanted=()
[ -x /usr/sbin/mariadbd ] || wanted+=(mariadb-server)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
command -v pgloader >/dev/null || wanted+=(pgloader)
if [ ${#wanted[@]} -eq 0 ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing: ${wanted[*]}. There is no apt-get here; install them in this system's own way." >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Missing: ${wanted[*]}. Run bench/install.sh as root." >&2; exit 1; }
  sudo="sudo"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
$sudo apt-get update -q || true
$sudo apt-get install -y -q --no-install-recommends "${wanted[@]}" && exit 0
echo "Missing: ${wanted[*]}. apt-get could not install them; the benchmark cannot run without them." >&2
exit 1
