// What a plugin says it has made: SPEC.md, section 5, "ADD Success", in the forms of versions 0.1.0 to 1.1.0. Pure.
//
// A result is read strictly, as it is some program's output, and written as libcni writes it: known keys only, in the
// version's own form.
import { isIP, SocketAddress } from "node:net";
import { NodeletError } from "../../agent/base/errors.ts";
import type { JsonObject } from "./config.ts";
import { atLeast, compareVersions, isVersion, NEWEST, OLDEST } from "./version.ts";

export interface ResultInterface {
  readonly name: string;
  readonly mac?: string | undefined;
  readonly mtu?: number | undefined;
  /** The network namespace; none: on the host. */
  readonly sandbox?: string | undefined;
  readonly socketPath?: string | undefined;
  readonly pciID?: string | undefined;
}

export interface ResultIp {
  readonly family: 4 | 6;
  /** Address and prefix length. */
  readonly address: string;
  readonly gateway?: string | undefined;
  /** Index into the interfaces. */
  readonly interface?: number | undefined;
}

export interface ResultRoute {
  readonly dst: string;
  readonly gw?: string | undefined;
  readonly mtu?: number | undefined;
  readonly advmss?: number | undefined;
  readonly priority?: number | undefined;
  readonly table?: number | undefined;
  readonly scope?: number | undefined;
}

export interface ResultDns {
  readonly nameservers?: readonly string[] | undefined;
  readonly domain?: string | undefined;
  readonly search?: readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface Result {
  /** The form that it was written in. */
  readonly version: string;
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIp[];
  readonly routes: readonly ResultRoute[];
  readonly dns: ResultDns;
}

/** Linux: IFNAMSIZ without its NUL. */
const LINK_NAME_MAX = 15;
/** More than any resolver reads, and short enough for a message. */
const WORD_MAX = 1024;

function wrong(where: string, message: string): NodeletError {
  return new NodeletError("invalid", message, { where });
}

function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(where, "must be an object");
  return value as JsonObject;
}

function listAt(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(where, "must be a list");
  return value;
}

/** Undefined for the empty one. */
function textAt(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw wrong(where, "must be a string");
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (value.length > WORD_MAX || /[\u0000-\u001f\u007f]/.test(value))
    throw wrong(where, "has control characters, or is too long");
  return value;
}

/** A word for resolv.conf. */
function wordsAt(value: unknown, where: string): string[] {
  return listAt(value, where).map((item, index) => {
    const word = textAt(item, `${where}[${index}]`);
    if (word === undefined || /\s/.test(word)) throw wrong(`${where}[${index}]`, "must be one word");
    return word;
  });
}

function numberAt(value: unknown, where: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw wrong(where, "must be a whole number");
  return value;
}

/** Zero is as good as none, as libcni leaves it out. */
function countAt(value: unknown, where: string): number | undefined {
  return numberAt(value, where) || undefined;
}

function canonical(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ family: "ipv6", address }).address : address;
}

function addressAt(value: unknown, where: string): string | undefined {
  const text = textAt(value, where);
  if (text === undefined) return undefined;
  if (isIP(text) === 0 || text.includes("%")) throw wrong(where, `${JSON.stringify(text)} is not an IP address`);
  return canonical(text);
}

/** `10.1.2.3/16` */
function networkAt(value: unknown, where: string): { family: 4 | 6; text: string } {
  const text = textAt(value, where) ?? "";
  const [address = "", prefix = "", ...rest] = text.split("/");
  const family = isIP(address);
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (rest.length > 0 || family === 0 || address.includes("%") || bits < 0 || bits > (family === 4 ? 32 : 128)) {
    throw wrong(where, `${JSON.stringify(text)} is not an address with a prefix length`);
  }
  return { family: family as 4 | 6, text: `${canonical(address)}/${bits}` };
}

function interfaceAt(value: unknown, where: string, version: string): ResultInterface {
  const raw = objectAt(value, where);
  const name = textAt(raw["name"], `${where}.name`) ?? "";
  if (name.length > LINK_NAME_MAX || /[\s/]/.test(name)) {
    throw wrong(`${where}.name`, `${JSON.stringify(name)} is not the name of a link`);
  }
  const common = {
    name,
    mac: textAt(raw["mac"], `${where}.mac`),
    sandbox: textAt(raw["sandbox"], `${where}.sandbox`),
  };
  if (!atLeast(version, "1.0.0")) return common;
  return {
    ...common,
    mtu: countAt(raw["mtu"], `${where}.mtu`),
    socketPath: textAt(raw["socketPath"], `${where}.socketPath`),
    pciID: textAt(raw["pciID"], `${where}.pciID`),
  };
}

function routeAt(value: unknown, where: string): ResultRoute {
  const raw = objectAt(value, where);
  return {
    dst: networkAt(raw["dst"], `${where}.dst`).text,
    gw: addressAt(raw["gw"], `${where}.gw`),
    mtu: countAt(raw["mtu"], `${where}.mtu`),
    advmss: countAt(raw["advmss"], `${where}.advmss`),
    priority: countAt(raw["priority"], `${where}.priority`),
    table: numberAt(raw["table"], `${where}.table`),
    scope: numberAt(raw["scope"], `${where}.scope`),
  };
}

function dnsAt(value: unknown, where: string): ResultDns {
  if (value === undefined || value === null) return {};
  const raw = objectAt(value, where);
  const [domain, ...more] = wordsAt(raw["domain"] ? [raw["domain"]] : [], `${where}.domain`);
  if (more.length > 0) throw wrong(`${where}.domain`, "must be one word");
  return {
    nameservers: wordsAt(raw["nameservers"], `${where}.nameservers`).map((server, index) => {
      if (isIP(server) === 0)
        throw wrong(`${where}.nameservers[${index}]`, `${JSON.stringify(server)} is not an IP address`);
      return server;
    }),
    domain,
    search: wordsAt(raw["search"], `${where}.search`),
    options: wordsAt(raw["options"], `${where}.options`),
  };
}

function ipOf02(value: unknown, where: string, family: 4 | 6): { ip: ResultIp; routes: ResultRoute[] } {
  const raw = objectAt(value, where);
  const address = networkAt(raw["ip"], `${where}.ip`);
  if (address.family !== family) throw wrong(`${where}.ip`, `${address.text} is not of IPv${family}`);
  return {
    ip: { family, address: address.text, gateway: addressAt(raw["gateway"], `${where}.gateway`) },
    routes: listAt(raw["routes"], `${where}.routes`).map((route, index) => routeAt(route, `${where}.routes[${index}]`)),
  };
}

function isOld(version: string): boolean {
  return !atLeast(version, "0.3.0");
}

/**
 * Reads a result of any version; one without a version is in that of the configuration. Throws `invalid` naming the field, also when
 * the version is newer than what is known.
 */
export function readResult(value: unknown, configVersion: string): Result {
  const raw = objectAt(value, "result");
  const given = raw["cniVersion"];
  if (given !== undefined && (typeof given !== "string" || !isVersion(given))) {
    throw wrong("result.cniVersion", "is not a version");
  }
  const version = given === undefined || given === "" ? configVersion || OLDEST : given;
  if (compareVersions(version, NEWEST) > 0) throw wrong("result.cniVersion", `${version} is newer than ${NEWEST}`);
  const dns = dnsAt(raw["dns"], "result.dns");
  if (isOld(version)) {
    const found = (["ip4", "ip6"] as const)
      .filter((key) => raw[key] !== undefined && raw[key] !== null)
      .map((key) => ipOf02(raw[key], `result.${key}`, key === "ip4" ? 4 : 6));
    return {
      version,
      interfaces: [],
      ips: found.map(({ ip }) => ip),
      routes: found.flatMap(({ routes }) => routes),
      dns,
    };
  }
  const interfaces = listAt(raw["interfaces"], "result.interfaces").map((item, index) =>
    interfaceAt(item, `result.interfaces[${index}]`, version),
  );
  const ips = listAt(raw["ips"], "result.ips").map((item, index): ResultIp => {
    const where = `result.ips[${index}]`;
    const ip = objectAt(item, where);
    const { family, text } = networkAt(ip["address"], `${where}.address`);
    const link = numberAt(ip["interface"], `${where}.interface`);
    // Zero is what plugins of 0.3.x say when they make no interfaces at all.
    if (link !== undefined && link !== 0 && (link < 0 || link >= interfaces.length)) {
      throw wrong(`${where}.interface`, `there is no interface ${link}`);
    }
    return { family, address: text, gateway: addressAt(ip["gateway"], `${where}.gateway`), interface: link };
  });
  const routes = listAt(raw["routes"], "result.routes").map((item, index) => routeAt(item, `result.routes[${index}]`));
  return { version, interfaces, ips, routes, dns };
}

/** Of each family the first, as versions before 0.3.0 have room for no more. */
function inOldForm(result: Result, version: string): JsonObject {
  const part = (family: 4 | 6): JsonObject | undefined => {
    const ip = result.ips.find((item) => item.family === family);
    if (ip === undefined) return undefined;
    const routes = result.routes.filter(({ dst }) => isIP(dst.split("/")[0] ?? "") === family);
    // A result of their own keeps all of a route; one of a newer version leaves what they do not know.
    const kept = isOld(result.version) ? routes : routes.map(({ dst, gw }) => ({ dst, gw }));
    return { ip: ip.address, gateway: ip.gateway, routes: kept.length > 0 ? kept : undefined };
  };
  const [ip4, ip6] = [part(4), part(6)];
  if (ip4 === undefined && ip6 === undefined && !isOld(result.version)) {
    throw new NodeletError("invalid", `Cannot write a result without addresses in version ${version}`);
  }
  return { cniVersion: version, ip4, ip6, dns: presentDns(result.dns) };
}

function presentDns({ nameservers = [], domain, search = [], options = [] }: ResultDns): JsonObject {
  return {
    ...(nameservers.length > 0 ? { nameservers } : {}),
    ...(domain === undefined ? {} : { domain }),
    ...(search.length > 0 ? { search } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}

/** In the form of a version, its own unless another is asked for; undefined fields are left out by JSON.stringify. */
export function writeResult(result: Result, version = result.version): JsonObject {
  if (isOld(version)) return inOldForm(result, version);
  const modern = atLeast(version, "1.0.0");
  const dns = presentDns(result.dns);
  const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);
  return {
    cniVersion: version,
    interfaces: some(
      result.interfaces.map(({ name, mac, sandbox, ...newer }) => ({ name, mac, sandbox, ...(modern ? newer : {}) })),
    ),
    ips: some(
      result.ips.map(({ family, address, gateway, interface: link }) => ({
        ...(modern ? {} : { version: String(family) }),
        interface: link,
        address,
        gateway,
      })),
    ),
    routes: some(result.routes),
    dns: modern && Object.keys(dns).length === 0 ? undefined : dns,
  };
}
