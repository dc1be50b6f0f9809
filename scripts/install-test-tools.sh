#!/usr/bin/env bash
# Installs from Debian what some tests need beside npm packages: MariaDB (the legacy database), Chromium
# (the sign-off pages), PostgreSQL with its client programs (backups), and the AWS CLI with boto3, which drive a local run as they would an account. Needs root or sudo; says clearly what is missing when it cannot.
set -uo pipefail

wanted=()
[ -x /usr/sbin/mariadbd ] || wanted+=(mariadb-server)
[ -x /usr/bin/chromium ] || wanted+=(chromium)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted+=(postgresql)
[ -x /usr/bin/aws ] || wanted+=(awscli)
[ -d /usr/lib/python3/dist-packages/boto3 ] || wanted+=(python3-boto3)
if [ ${#wanted[@]} -eq 0 ]; then
  echo "MariaDB, Chromium, PostgreSQL, the AWS CLI and boto3 are there."
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "Missing: ${wanted[*]}. There is no apt-get here; install them in this system's own way." >&2
  exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Missing: ${wanted[*]}. Run this script as root." >&2; exit 1; }
  sudo="sudo"
fi
export DEBIAN_FRONTEND=noninteractive
if [[ " ${wanted[*]} " == *" postgresql "* ]]; then
  # No cluster is made, so that none is started.
  $sudo mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | $sudo tee -a /etc/postgresql-common/createcluster.conf >/dev/null
fi
# Debian would start a server of its own; the tests start theirs in a folder of their own.
$sudo apt-get update -q || true
$sudo apt-get install -y -q --no-install-recommends "${wanted[@]}" && exit 0
echo "Missing: ${wanted[*]}. apt-get could not install them; the tests that need them will fail and say so." >&2
exit 1
