// `nodelet port-forward` with a real agent and pod.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import t from "tap";

import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { echoServer } from "../../fixtures/echo-server.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { textOf } from "../../fixtures/spdy-client.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: { name: echo }
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: echo
      image: localhost/nodelet/busybox:1
      command: [sh, -c, "exec ${echoServer(8080)}"]
`;

t.test("connections to a pod's port from the host", async (t) => {
  const before = await takePicture(ownProcesses);
  const layout = mkdtempSync(join(tmpdir(), "ndl-layout-"));
  t.teardown(() => rmSync(layout, { recursive: true, force: true }));
  await writeOciLayout(layout, busyboxImage());
  {
    await using agent = await TestAgent.create(41);
    await agent.start();
    t.equal((await agent.command("load", layout)).code, 0);
    writeFileSync(join(agent.manifests, "echo.yaml"), POD);
    while (!(await agent.command("pods")).out.includes("Running")) await new Promise((done) => setTimeout(done, 100));

    t.match(await agent.command("port-forward", "nobody", "80"), { code: 1, err: /there is no pod default\/nobody/ });
    t.match(await agent.command("port-forward", "echo", "0"), { code: 2 });

    const main = resolve(import.meta.dirname, "../../../agent/main.ts");
    const child = spawn(process.execPath, [main, "port-forward", "echo", ":8080", ":81"], {
      env: { ...process.env, NODELET_RUN_DIR: agent.runDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.teardown(() => child.kill("SIGKILL"));
    let said = "";
    let complaints = "";
    child.stdout.on("data", (part: Buffer) => (said += part.toString()));
    child.stderr.on("data", (part: Buffer) => (complaints += part.toString()));
    const portOf = (remote: number): number =>
      Number(new RegExp(`127\\.0\\.0\\.1:(\\d+) to ${remote}\n`).exec(said)?.[1]);
    while (!(portOf(81) > 0)) await once(child.stdout, "data");

    const echo = async (text: string): Promise<string> => {
      const socket = connect({ port: portOf(8080), host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => undefined);
      socket.end(text);
      return await textOf(socket);
    };
    // A pod is Running before its program listens.
    while ((await echo("up").catch(() => "")) !== "up") await new Promise((done) => setTimeout(done, 100));
    complaints = "";
    const sent = Array.from({ length: 16 }, (_, index) => `${index} `.repeat(20_000));
    const texts = await Promise.all(sent.map(echo));
    for (const [index, text] of texts.entries()) t.ok(text === sent[index], `${index}: ${text.length} bytes`);

    const refused = connect(portOf(81), "127.0.0.1");
    refused.on("error", () => undefined);
    await once(refused, "close");
    while (!complaints.includes("nothing listens on port 81")) await once(child.stderr, "data");

    child.kill("SIGINT");
    const [code] = (await once(child, "exit")) as [number];
    t.equal(code, 0);
  }
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
