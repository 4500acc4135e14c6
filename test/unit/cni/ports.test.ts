import t from "tap";
import type { PortMapping } from "../../../cni/network.ts";
import { HostPorts, normalizeMappings, parseSctpEndpoints } from "../../../cni/ports.ts";

function mapping(text: string): PortMapping {
  const [hostIp = "", protocol, hostPort] = text.split(" ");
  return {
    protocol: protocol as "tcp",
    hostPort: Number(hostPort),
    containerPort: 80,
    hostIp: hostIp === "*" ? "" : hostIp,
  };
}

function owner(name: string): { sandboxId: string; pod: string } {
  return { sandboxId: name, pod: `default/${name}` };
}

/** Binds nothing; remembers what is bound. */
class Host {
  readonly bound: string[] = [];
  readonly listening = new Set<string>();

  readonly bind = async ({ hostIp, protocol, hostPort }: PortMapping): Promise<{ close(): void }> => {
    const name = `${hostIp === "" ? "*" : hostIp} ${protocol} ${hostPort}`;
    if (this.listening.has(name)) throw Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE" });
    this.bound.push(name);
    return { close: () => void this.bound.splice(this.bound.indexOf(name), 1) };
  };
}

void t.test("a port is held by one pod", async (t) => {
  const host = new Host();
  const ports = new HostPorts(host.bind);
  await ports.reserve(owner("web"), [mapping("* tcp 80"), mapping("* udp 80")]);
  t.same(host.bound, ["* tcp 80", "* udp 80"]);
  for (const text of ["* tcp 80", "192.0.2.1 tcp 80", "192.0.2.1 udp 80"]) {
    await t.rejects(ports.reserve(owner("other"), [mapping("* tcp 81"), mapping(text)]), {
      code: "conflict",
      message: /^Cannot give pod default\/other (tcp|udp) port 80.* of the host: pod default\/web has it$/,
    });
  }
  t.equal(host.bound.length, 2, "all or none");
  await ports.reserve(owner("other"), [mapping("* sctp 80"), mapping("* tcp 81")]);
  ports.release("web");
  await ports.reserve(owner("third"), [mapping("* tcp 80")]);
  ports.release("nobody");
  ports.close();
  t.same(host.bound, []);
});

void t.test("different addresses of the host do not meet", async (t) => {
  const ports = new HostPorts(new Host().bind);
  await ports.reserve(owner("a"), [mapping("192.0.2.1 tcp 80")]);
  await ports.reserve(owner("b"), [mapping("192.0.2.2 tcp 80")]);
  await t.rejects(ports.reserve(owner("c"), [mapping("192.0.2.2 tcp 80")]), {
    code: "conflict",
    message: /pod default\/b has it/,
  });
  await t.rejects(ports.reserve(owner("c"), [mapping("* tcp 80")]), { code: "conflict" });
  ports.release("a");
  await t.rejects(ports.reserve(owner("c"), [mapping("* tcp 80")]), {
    code: "conflict",
    message: /pod default\/b has it/,
  });
  ports.release("b");
  await ports.reserve(owner("c"), [mapping("* tcp 80")]);
});

void t.test("a pod that asks twice", async (t) => {
  const ports = new HostPorts(new Host().bind);
  await t.rejects(ports.reserve(owner("a"), [mapping("* tcp 80"), mapping("192.0.2.1 tcp 80")]), {
    code: "conflict",
    message: /the pod asks for it twice/,
  });
});

void t.test("a program of the host that listens", async (t) => {
  const host = new Host();
  host.listening.add("* tcp 22");
  const ports = new HostPorts(host.bind);
  await t.rejects(ports.reserve(owner("a"), [mapping("* tcp 80"), mapping("* tcp 22")]), {
    code: "conflict",
    message: "Cannot give pod default/a tcp port 22 of the host: a program of the host listens there",
  });
  t.same(host.bound, [], "what was bound before is let go");
  await ports.reserve(owner("a"), [mapping("* tcp 80")]);

  host.listening.add("* tcp 443");
  ports.register(owner("b"), [mapping("* tcp 443"), mapping("* tcp 444")]);
  t.same(host.bound, ["* tcp 80"], "registered ones are bound later");
  const errors = await ports.bindRegistered();
  t.equal(errors.length, 1);
  await t.rejects(
    ports.reserve(owner("c"), [mapping("* tcp 443")]),
    { message: /pod default\/b has it/ },
    "and stay its own",
  );
});

void t.test("two at the same time", async (t) => {
  const ports = new HostPorts(new Host().bind);
  const outcomes = await Promise.allSettled(
    ["a", "b", "c"].map((name) => ports.reserve(owner(name), [mapping("* tcp 80")])),
  );
  t.same(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected"],
  );
});

void t.test("mappings are checked", async (t) => {
  t.same(
    normalizeMappings([mapping("* tcp 0"), mapping("* tcp 80"), mapping("192.0.2.1 udp 81")], { ipv6: false }),
    [mapping("0.0.0.0 tcp 80"), mapping("192.0.2.1 udp 81")],
    "those without host port are none",
  );
  const both = [mapping("* tcp 80"), mapping("0.0.0.0 tcp 81"), mapping(":: tcp 82"), mapping("2001:db8::1 tcp 83")];
  t.same(normalizeMappings(both, { ipv6: true }), both, "both families");
  t.same(
    normalizeMappings([mapping("2001:DB8:0:0::1 tcp 80")], { ipv6: true }),
    [mapping("2001:db8::1 tcp 80")],
    "one spelling",
  );
  t.throws(() => normalizeMappings([mapping("fe80::1%eth0 tcp 80")], { ipv6: true }), { code: "invalid" });
  const wrong: [Partial<PortMapping>, string][] = [
    [{ hostPort: 65_536 }, "portMappings[0].hostPort"],
    [{ hostPort: -1 }, "portMappings[0].hostPort"],
    [{ hostPort: 1.5 }, "portMappings[0].hostPort"],
    [{ containerPort: 0 }, "portMappings[0].containerPort"],
    [{ protocol: "icmp" as "tcp" }, "portMappings[0]"],
    [{ hostIp: "::" }, "portMappings[0].hostIP"],
    [{ hostIp: "example.com" }, "portMappings[0].hostIP"],
  ];
  for (const [part, where] of wrong) {
    t.throws(() => normalizeMappings([{ ...mapping("* tcp 80"), ...part }], { ipv6: false }), {
      code: "invalid",
      where,
    });
  }
});

void t.test("SCTP endpoints", async (t) => {
  const text = [
    " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS",
    "ffff88017e0a0200 ffff880300f7fa00 2   10  29   11165   200  299689 127.0.0.1 ",
    "ffff88017e0a0300 ffff880300f7fb00 2   10  30   3868    0    299690 10.0.0.1 192.168.0.1 ",
    "",
    "garbage",
  ].join("\n");
  t.same(parseSctpEndpoints(text), [
    { port: 11165, addresses: ["127.0.0.1"] },
    { port: 3868, addresses: ["10.0.0.1", "192.168.0.1"] },
  ]);
  t.same(parseSctpEndpoints(""), []);
});
