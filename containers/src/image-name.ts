/** How the images of frameworks are called. */
import type { Framework } from "./frameworks.ts";
import type { Settings } from "./settings.ts";

/** `<registry>/<framework>`: an image without its tag. */
export function repositoryName({ baseImageRegistry }: Settings, framework: Framework): string {
  return `${baseImageRegistry}/${framework.name}`;
}

/** `<registry>/<framework>:<tag>` */
export function imageName(settings: Settings, framework: Framework, tag = "latest"): string {
  return `${repositoryName(settings, framework)}:${tag}`;
}
