// time limit: 1200 s
// Real programs in images of Debian packages, as examples/ has them: on one node, asked by their own clients from another pod, through
// kills and restarts of the agent and an edit of each manifest, until their manifests are taken away.
//
//     node test/integration/programs/programs.test.ts [NAME...]

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import t, { type Test } from "tap";

import { settledDifference, takePicture, type Picture, type PictureOptions } from "../../fixtures/picture.ts";
import { bind } from "./bind.ts";
import { cron } from "./cron.ts";
import { haproxy } from "./haproxy.ts";
import { memcached } from "./memcached.ts";
import { mosquitto } from "./mosquitto.ts";
import { nginx } from "./nginx.ts";
import { nodejs } from "./nodejs.ts";
import { ProgramsNode } from "./node.ts";
import { postgres } from "./postgres.ts";
import type { Asked, Program } from "./program.ts";
import { rabbitmq } from "./rabbitmq.ts";
import { redis } from "./redis.ts";

const PROGRAMS = [nginx, redis, postgres, memcached, rabbitmq, haproxy, mosquitto, cron, nodejs, bind];
const only = process.argv.slice(2);
const programs = PROGRAMS.filter(({ name }) => only.length === 0 || only.includes(name));

/** Of pods, containers and sandboxes. */
const ids = new Set<string>();

const known = (line: string): boolean => [...ids].some((id) => line.includes(id));
const pidNamespace = (pid: number | "self"): string => readlinkSync(`/proc/${pid}/ns/pid`);

/** The whole host, but for what goes on on it besides: processes outside of pods and shims, others' pods and shims. */
const pictureOptions: PictureOptions = {
  without: ["sockets", "network namespaces"],
  ignore: (kind, line) => kind === "cgroups" && !known(line),
  ignoreProcess: ({ pid }) => {
    try {
      const cgroup = readFileSync(`/proc/${pid}/cgroup`, "utf8");
      return cgroup.includes("nodelet-shims") ? pidNamespace(pid) !== pidNamespace("self") : !known(cgroup);
    } catch {
      return true; // it has ended
    }
  },
};

async function leftBehind(before: Picture): Promise<readonly string[]> {
  return (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
}

t.test("programs of examples/ on one node", async (t) => {
  const before = await takePicture(pictureOptions);
  {
    await using node = await ProgramsNode.create(41);
    await go(t, node);
    t.same(readdirSync(join(node.directory, "root", "pods")), []);
    t.match(await node.agent.command("stop", "--all"), { code: 0 });
    t.notMatch(node.agent.log(), /"level":"(error|fatal)"/);
    t.same(await leftBehind(before), [], "the host is as it was before");
    t.not(ids.size, 0);
  }
  t.same(await leftBehind(before), [], "and after the directories are gone");
});

async function go(t: Test, node: ProgramsNode): Promise<void> {
  const lives = new Map<string, readonly string[]>();

  /** Of all programs at the same time. */
  async function each(what: string, ask: (t: Test, program: Program) => Promise<void>): Promise<void> {
    await t.test(what, { jobs: programs.length }, async (t) => {
      await Promise.all(programs.map((program) => t.test(program.name, { buffered: true }, (t) => ask(t, program))));
    });
  }

  async function askedOf(t: Test, name: string): Promise<Asked> {
    return { t, node, ip: (await node.ready(name)).status.podIP ?? "" };
  }

  async function noteIds(): Promise<void> {
    for (const id of node.ids()) ids.add(id);
    for (const { name } of programs) ids.add((await node.pod(name))?.metadata?.uid ?? "none");
  }

  async function restart(signal: NodeJS.Signals): Promise<void> {
    const alive = new Map<string, Asked>();
    for (const { name } of programs) alive.set(name, await askedOf(t, name));
    await node.agent.signal(signal);
    await each(`the agent has ended by ${signal}: ports of the host go on`, async (t, { name, alone }) => {
      const asked = alive.get(name);
      if (asked !== undefined) await alone?.({ ...asked, t });
    });
    await node.agent.start();
    await each(
      `after ${signal}, another agent: the same processes, clients find what they left`,
      async (t, program) => {
        const asked = await askedOf(t, program.name);
        t.strictSame(await node.lives(program.name), lives.get(program.name));
        await program.again(asked);
      },
    );
  }

  await t.test("images are built of Debian packages, and loaded", async (t) => {
    for (const name of ["busybox", "toolbox", ...programs.map((program) => program.name)]) await node.load(name);
    node.put("toolbox", node.example("toolbox"));
    t.ok(await node.ready("toolbox"));
  });

  await each("clients are answered", async (t, { name, first }) => {
    node.put(name, node.example(name));
    await first(await askedOf(t, name));
    lives.set(name, await node.lives(name));
  });

  await noteIds();
  await restart("SIGKILL");

  await each("the manifest is edited: clients see it, and what they left", async (t, program) => {
    const { name, replaces } = program;
    const { metadata } = await node.ready(name);
    node.put(name, program.edit(node.example(name)));
    const { metadata: after } = await node.ready(name, replaces ? metadata?.uid : undefined);
    t.equal(after?.uid !== metadata?.uid, replaces);
    await program.edited(await askedOf(t, name));
    const lived = lives.get(name);
    lives.set(name, await node.lives(name));
    if (!replaces) t.strictSame(lives.get(name), lived, "the same processes");
  });

  await noteIds();
  await restart("SIGTERM");

  await each("the manifest is taken away: the pod ends", async (t, { name }) => {
    node.take(name);
    await node.gone(name);
    t.pass();
  });
  node.take("toolbox");
  await node.gone("toolbox");
}
