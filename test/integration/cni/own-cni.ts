// A CNI installation of a test's own: directories, configurations, and plugins that do what a test says.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../agent/base/log.ts";
import { system } from "./own-host.ts";
import { openCniNetwork, type CniNetwork, type CniNetworkOptions } from "../../../cni/plugins/cni-network.ts";

/** Where Debian's containernetworking-plugins are. */
export const DEBIAN_PLUGINS = "/usr/lib/cni";

/** One call of a plugin, as the recording plugin saw it. */
export interface Call {
  /** The program's path and its arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: unknown;
}

/**
 * Writes down how it is called, then prints `testResult` of its configuration, else the previous result, else an empty one. What stands
 * in `testScript` is run by sh before; it may print and exit itself.
 */
const RECORDER = `#!/bin/sh
to=$(mktemp -d "$RECORDS/new.XXXXXX")
{ printf '%s\\0' "$0" "$@"; } > "$to/argv"
cat /proc/$$/environ > "$to/env"
cat > "$to/stdin"
number=0
until mv -T "$to" "$RECORDS/$number" 2>/dev/null; do number=$((number + 1)); done
to="$RECORDS/$number"
script=$(jq -r '.testScript // empty' "$to/stdin")
[ -z "$script" ] || eval "$script"
case "$CNI_COMMAND" in
  ADD) jq -c '.testResult // .prevResult // { cniVersion: .cniVersion }' "$to/stdin" ;;
  VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}' ;;
esac
`;

/** The program's. */
export function nameOf({ argv }: Pick<Call, "argv">): string | undefined {
  return argv[0]?.split("/").at(-1);
}

export class OwnCni implements Disposable {
  readonly directory: string;
  readonly confDir: string;
  readonly binDir: string;
  readonly cacheDir: string;
  readonly #records: string;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "cni-"));
    const make = (name: string): string => {
      const path = join(this.directory, name);
      mkdirSync(path);
      return path;
    };
    this.confDir = make("net.d");
    this.binDir = make("bin");
    this.cacheDir = join(this.directory, "cache");
    this.#records = make("records");
  }

  /** Installs a program for sh under a name. */
  plugin(name: string, script: string): string {
    const path = join(this.binDir, name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    return path;
  }

  recorder(...names: readonly string[]): void {
    for (const name of names) this.plugin(name, RECORDER.replace("\n", `\nRECORDS=${this.#records}\n`));
  }

  /** Writes a file of the configuration directory. */
  configure(file: string, content: unknown): void {
    writeFileSync(join(this.confDir, file), typeof content === "string" ? content : JSON.stringify(content));
  }

  /** In the order in which they were made. */
  calls(): Call[] {
    return readdirSync(this.#records)
      .filter((name) => /^\d+$/.test(name)) // of the others not all is written
      .toSorted((a, b) => Number(a) - Number(b))
      .map((number) => {
        const read = (file: string): string => readFileSync(join(this.#records, number, file), "utf8");
        const list = (file: string): string[] => read(file).split("\0").slice(0, -1);
        const env = list("env").map((line) => {
          const at = line.indexOf("=");
          return [line.slice(0, at), line.slice(at + 1)] as const;
        });
        return { argv: list("argv"), env: Object.fromEntries(env), stdin: JSON.parse(read("stdin")) as unknown };
      });
  }

  callsOf(command: string): Call[] {
    return this.calls().filter(({ env }) => env["CNI_COMMAND"] === command);
  }

  /** `ADD bridge`, ... without questions for versions. */
  commands(): string[] {
    return this.calls()
      .filter(({ env }) => env["CNI_COMMAND"] !== "VERSION")
      .map(({ argv, env }) => `${env["CNI_COMMAND"]} ${nameOf({ argv })}`);
  }

  forgetCalls(): void {
    for (const name of readdirSync(this.#records).filter((entry) => /^\d+$/.test(entry))) {
      rmSync(join(this.#records, name), { recursive: true });
    }
  }

  /** The names of the cache's files. */
  cached(): string[] {
    try {
      return readdirSync(join(this.cacheDir, "results"));
    } catch {
      return [];
    }
  }

  readCached(name: string): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.cacheDir, "results", name), "utf8")) as Record<string, unknown>;
  }

  async open(options: Partial<CniNetworkOptions> = {}): Promise<CniNetwork> {
    const network = await openCniNetwork({
      system,
      confDir: this.confDir,
      pluginDirs: [this.binDir, DEBIAN_PLUGINS],
      cacheDir: this.cacheDir,
      owner: this.directory,
      bootId: "boot-1",
      logger: silentLogger,
      ...options,
    });
    await network.start();
    return network;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
