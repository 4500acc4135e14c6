import t from "tap";
import { attributeList, HEADER_SIZE, MessageBuilder } from "../../../agent/system/netlink/netlink.ts";
import { elementOf, NatTables, ruleset } from "../../../cni/nat.ts";

const options = {
  table: { family: "ip", name: "nodelet-test" },
  bridge: "br0",
  subnet: { base: Buffer.from([10, 1, 0, 0]), prefix: 16 },
} as const;
const options6 = {
  table: { family: "ip6", name: "nodelet-test" },
  bridge: "br0",
  subnet: { base: Buffer.from("fd000001000000000000000000000000", "hex"), prefix: 64 },
} as const;
const SUBSYSTEM = 10 << 8;

/** The part of nf_tables that NatTables uses: one table with rules and maps, batches that apply as a whole, a generation. */
class Kernel {
  generation = 1;
  table: { rules: Uint8Array[]; maps: Map<string, Map<string, { key: Uint8Array; value: Uint8Array }>> } | undefined;
  readonly batches: string[][] = [];
  fail = 0;

  readonly netlink = async (_protocol: number, requests: readonly Uint8Array[]): Promise<Uint8Array[][]> => {
    await Promise.resolve();
    return requests.map((request) => this.#answer(request));
  };

  flush(): void {
    this.table = undefined;
    this.generation++;
  }

  #answer(request: Uint8Array): Uint8Array[] {
    const messages: { type: number; flags: number; sequence: number; body: Uint8Array }[] = [];
    for (let offset = 0; offset < request.length;) {
      const header = Buffer.from(request.buffer, request.byteOffset + offset, HEADER_SIZE);
      const length = header.readUInt32LE(0);
      const body = request.subarray(offset + HEADER_SIZE + 4, offset + length);
      messages.push({
        type: header.readUInt16LE(4),
        flags: header.readUInt16LE(6),
        sequence: header.readUInt32LE(8),
        body,
      });
      offset += Math.ceil(length / 4) * 4;
    }
    const [first] = messages;
    if (first === undefined) return [];
    if (first.type === 16) return this.#batch(messages.slice(1, -1));
    const numbered = (builder: MessageBuilder): Uint8Array => {
      const bytes = Buffer.from(builder.finish());
      bytes.writeUInt32LE(first.sequence, 8);
      return bytes;
    };
    const message = (type: number): MessageBuilder => new MessageBuilder(type, 0).fixed(Buffer.from([2, 0, 0, 0]));
    const done = numbered(new MessageBuilder(3, 0).fixed(Buffer.alloc(4)));
    if (first.type === (SUBSYSTEM | 16))
      return [numbered(message(SUBSYSTEM | 15).be32(1, this.generation)), this.#error(first, 0)];
    if (first.type === (SUBSYSTEM | 7)) {
      return [...(this.table?.rules ?? []).map((body) => numbered(message(SUBSYSTEM | 6).fixed(body))), done];
    }
    if (first.type === (SUBSYSTEM | 13)) {
      const map = this.table?.maps.get(text(first.body, 2));
      if (map === undefined) return [this.#error(first, -2)];
      const elements = message(SUBSYSTEM | 12).nest(3, (list) => {
        for (const { key, value } of map.values()) {
          list.nest(1, (item) => item.nest(1, (k) => k.bytes(1, key)).nest(2, (v) => v.bytes(1, value)));
        }
      });
      return [numbered(elements), done];
    }
    throw new Error(`unexpected message ${first.type}`);
  }

  #batch(messages: readonly { type: number; flags: number; sequence: number; body: Uint8Array }[]): Uint8Array[] {
    const before = this.table;
    this.table = before && {
      rules: [...before.rules],
      maps: new Map([...before.maps].map(([name, map]) => [name, new Map(map)])),
    };
    const done: string[] = [];
    for (const message of messages) {
      const errno = this.fail > 0 ? (this.fail--, -12) : this.#change(message, done);
      if (errno !== 0) {
        this.table = before;
        return [this.#error(message, errno)];
      }
    }
    this.batches.push(done);
    this.generation++;
    return messages.filter(({ flags }) => (flags & 4) !== 0).map((message) => this.#error(message, 0));
  }

  #change({ type, body }: { type: number; body: Uint8Array }, done: string[]): number {
    const kind = type - SUBSYSTEM;
    if (kind === 0) this.table ??= { rules: [], maps: new Map() };
    if (this.table === undefined) return -2;
    const { rules, maps } = this.table;
    if (kind === 2) {
      this.table = undefined;
      done.push("delete table");
    }
    if (kind === 6) rules.push(body);
    if (kind === 9) maps.set(text(body, 2), new Map());
    if (kind === 12 || kind === 14) {
      const map = maps.get(text(body, 2));
      if (map === undefined) return -2;
      for (const { value } of attributeList(find(body, 3))) {
        const key = find(find(value, 1), 1);
        const id = Buffer.from(key).toString("hex");
        done.push(`${kind === 12 ? "+" : "-"}${id}`);
        if (kind === 14) {
          if (!map.delete(id)) return -2;
        } else {
          map.set(id, { key, value: find(find(value, 2), 1) });
        }
      }
    }
    return 0;
  }

  #error(message: { type: number; sequence: number }, errno: number): Uint8Array {
    const out = Buffer.alloc(36);
    out.writeUInt32LE(36, 0);
    out.writeUInt16LE(2, 4);
    out.writeUInt32LE(message.sequence, 8);
    out.writeInt32LE(errno, 16);
    return out;
  }

  elements(map = "host-ports"): string[] {
    return [...(this.table?.maps.get(map)?.keys() ?? [])];
  }
}

function find(bytes: Uint8Array, type: number): Uint8Array {
  return attributeList(bytes).find((attribute) => attribute.type === type)?.value ?? Buffer.of();
}

function text(bytes: Uint8Array, type: number): string {
  return Buffer.from(find(bytes, type)).toString().replace(/\0$/, "");
}

function tcp(
  hostPort: number,
  hostIp = "",
): { protocol: "tcp"; containerPort: number; hostPort: number; hostIp: string }[] {
  return [{ protocol: "tcp", containerPort: 80, hostPort, hostIp }];
}

const KEY_80 = "0600000000500000";
const KEY_81 = "0600000000510000";

void t.test("elements", async (t) => {
  const any = elementOf({ protocol: "udp", containerPort: 53, hostPort: 5353, hostIp: "" }, "10.1.0.2");
  t.equal(any.map, "host-ports");
  t.equal(Buffer.from(any.key).toString("hex"), "1100000014e90000");
  t.equal(Buffer.from(any.value).toString("hex"), "0a01000200350000");
  const one = elementOf({ protocol: "sctp", containerPort: 53, hostPort: 5353, hostIp: "192.0.2.1" }, "10.1.0.2");
  t.equal(one.map, "host-ip-ports");
  t.equal(Buffer.from(one.key).toString("hex"), "c00002018400000014e90000");
  const six = elementOf({ protocol: "tcp", containerPort: 80, hostPort: 8080, hostIp: "::" }, "fd00:1::2");
  t.match(six, { family: "ip6", map: "host-ports" });
  t.equal(Buffer.from(six.value).toString("hex"), "fd000001000000000000000000000002" + "00500000");
});

void t.test("the rules", async (t) => {
  for (const each of [options, options6]) {
    const { rules } = ruleset(each);
    t.equal(new Set(rules.map(({ chain, comment }) => `${chain} ${comment}`)).size, rules.length, "can be told apart");
    for (const { comment } of rules) t.ok(comment.length <= 128);
  }
});

void t.test("made once, then changed by elements alone", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  nat.add(tcp(80), "10.1.0.2");
  await nat.sync();
  t.same(kernel.batches, [["delete table", `+${KEY_80}`]], "whatever was there is replaced");
  nat.add(tcp(81), "10.1.0.3");
  await nat.sync();
  nat.remove(tcp(80), "10.1.0.2");
  await nat.sync();
  await nat.sync();
  t.same(kernel.batches.slice(1), [[`+${KEY_81}`], [`-${KEY_80}`]]);
  t.same(kernel.elements(), [KEY_81]);
});

void t.test("a port that goes from one pod to another", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  nat.add(tcp(80), "10.1.0.2");
  await nat.sync();
  nat.remove(tcp(80), "10.1.0.2");
  nat.add(tcp(80), "10.1.0.3");
  await nat.sync();
  t.same(kernel.batches.at(-1), [`-${KEY_80}`, `+${KEY_80}`]);
});

void t.test("those who come meanwhile share one change", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  await nat.sync();
  const all = [];
  for (let port = 1000; port < 1050; port++) {
    nat.add(tcp(port), "10.1.0.2");
    all.push(nat.sync());
  }
  await Promise.all(all);
  t.equal(kernel.elements().length, 50);
  t.ok(kernel.batches.length <= 3, `${kernel.batches.length} batches`);
});

void t.test("a flushed table is made again", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  nat.add(tcp(80), "10.1.0.2");
  await nat.sync();
  kernel.flush();
  await nat.sync();
  t.same(kernel.elements(), [KEY_80]);
  t.equal(kernel.batches.length, 2);
});

void t.test("somebody else's change is looked at, not undone", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  nat.add(tcp(80), "10.1.0.2");
  await nat.sync();
  kernel.generation += 5;
  await nat.sync();
  t.equal(kernel.batches.length, 1);
  kernel.table?.maps.get("host-ports")?.clear();
  kernel.generation++;
  await nat.sync();
  t.same(kernel.batches.at(-1), [`+${KEY_80}`], "a missing element is added");
  kernel.table?.rules.pop();
  kernel.generation++;
  await nat.sync();
  t.equal(kernel.batches.at(-1)?.[0], "delete table", "a missing rule: all anew");
});

void t.test("an element that vanished unseen", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  nat.add(tcp(80), "10.1.0.2");
  await nat.sync();
  kernel.table?.maps.get("host-ports")?.clear();
  nat.remove(tcp(80), "10.1.0.2");
  nat.add(tcp(81), "10.1.0.2");
  await nat.sync();
  t.same(kernel.elements(), [KEY_81]);
});

void t.test("a failure is told, and put right by the next", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  kernel.fail = 1;
  nat.add(tcp(80), "10.1.0.2");
  const [one, two] = await Promise.allSettled([nat.sync(), nat.sync()]);
  t.equal(one.status, "rejected");
  t.equal(two.status, "rejected");
  t.same(kernel.table, undefined);
  await nat.sync();
  t.same(kernel.elements(), [KEY_80]);
});

void t.test("destroyed", async (t) => {
  const kernel = new Kernel();
  const nat = new NatTables(kernel, [options]);
  await nat.destroy();
  await nat.sync();
  await nat.destroy();
  t.equal(kernel.table, undefined);
  await nat.sync();
  t.ok(kernel.table);
});
