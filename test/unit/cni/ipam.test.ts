import t from "tap";
import { numberToIpv4 } from "../../../agent/system/netlink/address.ts";
import { AddressPool } from "../../../cni/ipam.ts";

function take(pool: AddressPool, count: number): string[] {
  return Array.from({ length: count }, () => numberToIpv4(pool.allocate()));
}

void t.test("addresses come in turn, without network, gateway and broadcast", async (t) => {
  const pool = new AddressPool("192.0.2.0/29");
  t.equal(pool.gateway, "192.0.2.1");
  t.equal(pool.capacity, 5);
  t.same(take(pool, 5), ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"]);
  t.throws(() => pool.allocate(), {
    code: "exhausted",
    message: "All 5 addresses of the pods' subnet are in use",
    where: "192.0.2.0/29",
  });
  t.equal(pool.used, 5);
});

void t.test("an address that was given back is used last", async (t) => {
  const pool = new AddressPool("192.0.2.0/29");
  const first = pool.allocate();
  pool.release(first);
  t.same(take(pool, 5), ["192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.2"]);
  pool.release(first + 2);
  t.same(take(pool, 1), ["192.0.2.4"]);
});

void t.test("the search goes on behind the cursor", async (t) => {
  const pool = new AddressPool("10.5.0.0/16", { cursor: 1000 });
  t.same(take(pool, 2), ["10.5.3.232", "10.5.3.233"]);
  t.equal(pool.cursor, 1002);
  const end = new AddressPool("10.5.0.0/16", { cursor: 65_534 });
  t.same(take(end, 2), ["10.5.255.254", "10.5.0.2"]);
  for (const cursor of [-1, Number.NaN, 1.5, 65_536]) {
    t.same(take(new AddressPool("10.5.0.0/16", { cursor }), 1), ["10.5.0.2"], `cursor ${cursor}`);
  }
});

void t.test("certain addresses can be taken once", async (t) => {
  const pool = new AddressPool("10.5.0.0/24");
  const base = pool.subnet.base;
  t.ok(pool.take(base + 2));
  t.notOk(pool.take(base + 2));
  t.notOk(pool.take(base), "network");
  t.notOk(pool.take(base + 1), "gateway");
  t.notOk(pool.take(base + 255), "broadcast");
  t.notOk(pool.take(base + 256), "another subnet");
  t.same(take(pool, 1), ["10.5.0.3"]);
  t.equal(pool.used, 2);
});

void t.test("giving back what nobody holds changes nothing", async (t) => {
  const pool = new AddressPool("10.5.0.0/24");
  const base = pool.subnet.base;
  for (const offset of [-1, 0, 1, 7, 255, 256]) pool.release(base + offset);
  t.equal(pool.used, 0);
  t.equal(new Set(take(pool, 253)).size, 253);
  t.throws(() => pool.allocate(), { code: "exhausted" });
});

void t.test("every address is found, whatever is taken", async (t) => {
  const pool = new AddressPool("10.5.0.0/23");
  const all = Array.from({ length: pool.capacity }, () => pool.allocate());
  t.equal(new Set(all).size, 509);
  // A pattern without chance that visits each once.
  for (let round = 0; round < 509; round++) {
    const address = all[(round * 211) % 509] ?? 0;
    pool.release(address);
    t.equal(pool.allocate(), address, "the only free one");
  }
});

void t.test("subnets of a size that makes no sense are refused", async (t) => {
  for (const subnet of ["10.0.0.0/31", "10.0.0.0/32", "0.0.0.0/0", "8.0.0.0/7"]) {
    t.throws(() => new AddressPool(subnet), { code: "invalid" }, subnet);
  }
  t.same(take(new AddressPool("10.0.0.4/30"), 1), ["10.0.0.6"]);
  t.equal(new AddressPool("10.0.0.0/8").capacity, 2 ** 24 - 3);
});

void t.test("a nearly full pool gives what was released", async (t) => {
  const pool = new AddressPool("10.0.0.0/16");
  for (let count = 0; count < pool.capacity; count++) pool.allocate();
  for (let round = 0; round < 1000; round++) {
    const address = pool.subnet.base + 2 + round * 60;
    pool.release(address);
    if (pool.allocate() !== address) t.fail(`round ${round}`);
  }
  t.throws(() => pool.allocate(), "and is full again");
});
