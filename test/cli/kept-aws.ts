import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's CLI, loaded once: each command is a fork of it with the arguments, environment, folder and files of whoever calls. */
const server = `
import json, os, signal, socket, sys
import awscli.clidriver, awscli.errorhandler
awscli.clidriver.create_clidriver()
listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listening.bind(sys.argv[1])
listening.listen(16)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
while True:
    caller, _ = listening.accept()
    if os.fork():
        caller.close()
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked, files, _, _ = socket.recv_fds(caller, 1 << 20, 3)
    asked = json.loads(asked)
    # What it sets for itself when it is loaded.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(asked["environment"], AWS_DATA_PATH=data)
    os.chdir(asked["folder"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = asked["arguments"]
    try:
        code = awscli.clidriver.main()
    except SystemExit as end:
        code = end.code
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    caller.send(str(code or 0).encode())
    os._exit(0)
`;

/** What is called instead of it. */
const command = (socket: string) => `#!/usr/bin/python3 -SE
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect(${JSON.stringify(socket)})
asked = {"arguments": sys.argv, "environment": dict(os.environ), "folder": os.getcwd()}
socket.send_fds(server, [json.dumps(asked).encode()], [0, 1, 2])
sys.exit(int(server.recv(16) or b"255"))
`;

/** An `aws` in a folder for the path: a command of it takes no second of Python's to begin. */
export async function keptAws(): Promise<{ folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-aws-"));
  const socket = join(folder, "socket");
  await writeFile(join(folder, "aws"), command(socket), { mode: 0o755 });
  const child = spawn("/usr/bin/python3", ["-c", server, socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const ready = await Promise.race([once(child.stdout, "data"), ended]);
  if (String(ready[0]).trim() !== "ready") throw new Error("The AWS CLI could not be loaded.");
  return {
    folder,
    close: async () => {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
