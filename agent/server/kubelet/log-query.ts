/**
 * Queries for logs of the host's services, with enableSystemLogQuery: GET /logs/?query=SERVICE and its options, or ?query=/FILE.
 * Source: kubelet, pkg/kubelet/kubelet_server_journal.go.
 */
import { NodeletError } from "../../base/errors.ts";

const MAX_SERVICES = 4;
const MAX_NAME_LENGTH = 256;
const MAX_TAIL_LINES = 100_000;
const UNSAFE = /[^a-zA-Z\-_.:0-9@]/;

export interface LogQuery {
  /** Below /var/log; else services are asked for. */
  readonly file: string | undefined;
  readonly services: readonly string[];
  /** journalctl's, without those that name services. */
  readonly options: readonly string[];
}

/** Undefined: nothing is queried. Throws `invalid`. */
export function parseLogQuery(parameters: URLSearchParams): LogQuery | undefined {
  const queries = parameters.getAll("query");
  const options = [
    ...timeOption(parameters, "sinceTime", "--since"),
    ...timeOption(parameters, "untilTime", "--until"),
    ...numberOption(parameters, "tailLines", 0, MAX_TAIL_LINES).flatMap((lines) => ["--pager-end", `--lines=${lines}`]),
    ...((parameters.get("pattern") ?? "") ? [`--grep=${parameters.get("pattern")}`] : []),
    ...numberOption(parameters, "boot", -Number.MAX_SAFE_INTEGER, 0).map((boot) => `--boot=${boot}`),
  ];
  const [since, until] = ["sinceTime", "untilTime"].map((name) => Date.parse(parameters.get(name) ?? ""));
  if ((since ?? NaN) > (until ?? NaN)) throw wrong("untilTime", "must be after sinceTime");
  if (queries.length === 0 && options.length === 0) return undefined;
  const files = queries.filter((text) => /[/\\]/.test(text)).map((text) => text.replaceAll("\\", "/"));
  const services = queries.filter((text) => !/[/\\]/.test(text) && text.trim() !== "");
  const [file] = files;
  if (file === undefined && services.length === 0) throw wrong("query", "must not be empty");
  if (file !== undefined && services.length > 0) throw wrong("query", "names a file and a service");
  if (files.length > 1) throw wrong("query", "names more than one file");
  if (file !== undefined && options.length > 0) throw wrong("query", "a file has no options");
  if (services.length > MAX_SERVICES) throw wrong("query", `names more than ${MAX_SERVICES} services`);
  for (const service of services)
    if (service.length > MAX_NAME_LENGTH || UNSAFE.test(service) || service.startsWith("-"))
      throw wrong("query", `${JSON.stringify(service.slice(0, MAX_NAME_LENGTH))} is not the name of a service`);
  return { file, services, options };
}

function timeOption(parameters: URLSearchParams, name: string, flag: string): string[] {
  const text = parameters.get(name) ?? "";
  if (text === "") return [];
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw wrong(name, "must be a time such as 2026-01-31T12:00:00Z");
  return [`${flag}=${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`];
}

function numberOption(parameters: URLSearchParams, name: string, minimum: number, maximum: number): number[] {
  const text = parameters.get(name) ?? "";
  if (text === "") return [];
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum) return [value];
  throw wrong(name, `must be a whole number ${minimum === 0 ? `from 0 to ${maximum}` : `of ${maximum} or less`}`);
}

function wrong(name: string, message: string): NodeletError {
  return new NodeletError("invalid", message, { where: name });
}

/** Where a service that does not log to the journal may have its log, below /var/log. */
export function logFilesOf(service: string): readonly string[] {
  return [service, `${service}.log`, `${service}/${service}.log`];
}
