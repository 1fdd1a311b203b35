import { copyFile, cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { policyNamed } from "@physical-ai/policy";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../export/src/testing/rows.ts";
import { ownPolicies } from "../config.ts";
import { deploy, rollback } from "./deploy.ts";
import { checkPolicies, listPolicies } from "./status.ts";

/** The project's own policies in a folder of the test's, and files that hold the same model with notes of one letter. */
async function openScene() {
  const folder = await temporaryFolder();
  await cp(ownPolicies, folder, { recursive: true });
  const model = join(folder, "wall-following.onnx");
  const content = await readFile(model);
  const other = async (note: string) => {
    const file = join(folder, `${note}.bin`);
    await writeFile(file, Buffer.concat([content, Buffer.from([0x32, 1, note.charCodeAt(0)])]));
    return file;
  };
  const serving = async () => (await listPolicies(folder)).find(({ policy }) => policy === "wall-following");
  return { folder, model, other, serving, policy: await policyNamed("wall-following", folder) };
}

test("deployments are taken back one after the other, and what was taken back is kept", async () => {
  const { policy, model, other, serving } = await openScene();
  const first = (await serving())?.model_version;
  const second = await deploy(policy, await other("2"));
  expect(second.was).toBe(first);
  const third = await deploy(policy, await other("3"));
  expect(await serving()).toMatchObject({ model_version: third.modelVersion, earlier: [first, second.modelVersion] });

  const back = await rollback(policy);
  expect([back.modelVersion, back.was]).toEqual([second.modelVersion, third.modelVersion]);
  expect(await readFile(String(back.withdrawn))).toEqual(await readFile(await other("3")));
  expect((await rollback(policy)).modelVersion).toBe(first);
  expect(await serving()).toMatchObject({ model_version: first, earlier: [] });
  await expect(rollback(policy)).rejects.toThrow("expected an earlier model of wall-following; none is kept");
  expect((await readdir(join(model, ".."))).filter((name) => name.includes("unfinished"))).toEqual([]);
});

test("a deployment that was interrupted is no step back", async () => {
  const { folder, model, other, policy, serving } = await openScene();
  const first = (await serving())?.model_version;
  const second = (await deploy(policy, await other("2"))).modelVersion;
  await copyFile(model, join(folder, "history", policy.name, `0002-${second}.onnx`));
  const back = await rollback(policy);
  expect([back.modelVersion, back.was]).toEqual([first, second]);
  expect((await serving())?.earlier).toEqual([]);
});

test("a model that serves already is not deployed again", async () => {
  const { policy, model, serving } = await openScene();
  const { modelVersion, was } = await deploy(policy, model);
  expect(was).toBe(modelVersion);
  expect((await serving())?.earlier).toEqual([]);
});

test("a model that the policy does not describe changes nothing", async () => {
  const { folder, policy, serving } = await openScene();
  const before = await serving();
  await expect(deploy(policy, join(folder, "collision-risk.onnx"))).rejects.toThrow(/takes 24 features/);
  await expect(deploy(policy, join(folder, "none.onnx"))).rejects.toThrow("expected an ONNX file at");
  expect(await serving()).toEqual(before);
});

test("checking runs every model, and names what is wrong", async () => {
  const { folder, model } = await openScene();
  expect((await checkPolicies(folder)).map(({ policy }) => policy)).toEqual(["collision-risk", "wall-following"]);
  await writeFile(model, "nothing");
  await expect(checkPolicies(folder)).rejects.toThrow(
    /wall-following\.yaml:\d+:\d+: model\.file .* ONNX Runtime can run/,
  );
});

test("a policy that is not there is answered with those that are", async () => {
  await expect(policyNamed("wall", ownPolicies)).rejects.toThrow(
    "expected one of the policies collision-risk, wall-following; got wall",
  );
});
