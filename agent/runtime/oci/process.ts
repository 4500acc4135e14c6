// The command line and working directory of a container's process.

import { NodeletError } from "../../base/errors.ts";
import type { ContainerConfig } from "../../cri/types.gen.ts";
import type { ImageConfig } from "../../images/images.ts";
import { checkAbsolutePath, checkArgument } from "./text.ts";

/** `command` replaces the image's Entrypoint and drops its Cmd; `args` replaces Cmd. Throws `invalid` when nothing is left to run. */
export function containerArgs(config: ContainerConfig, image: ImageConfig): string[] {
  const command = config.command ?? [];
  const args = config.args ?? [];
  const words = [
    ...(command.length > 0 ? command : (image.Entrypoint ?? [])),
    ...(args.length > 0 || command.length > 0 ? args : (image.Cmd ?? [])),
  ];
  const where = command.length > 0 ? "command" : args.length > 0 ? "args" : "image.config.Entrypoint";
  if (words.length === 0 || words[0] === "") {
    throw new NodeletError(
      "invalid",
      words.length === 0 ? "neither the container nor the image names a program to run" : "the program's name is empty",
      {
        where,
        fix: "set command in the container, or ENTRYPOINT in the image",
      },
    );
  }
  for (const word of words) checkArgument(word, where);
  return words;
}

/** An image's relative WorkingDir counts from the root, as in Docker; a pod's must be absolute. */
export function containerCwd(config: ContainerConfig, image: ImageConfig): string {
  if (config.workingDir) return checkAbsolutePath(config.workingDir, "working_dir");
  const ofImage = image.WorkingDir ?? "";
  return checkAbsolutePath(ofImage.startsWith("/") ? ofImage : `/${ofImage}`, "image.config.WorkingDir");
}
