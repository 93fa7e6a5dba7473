import type { Page } from "playwright-core";
import type { World } from "./harness.ts";
import type { Workbench } from "./workbench.ts";
import { approveWhatWaits } from "./review.ts";

/** Somebody of the demo company. */
export const personOf = (world: Pick<World, "demo">, username: string): World["demo"]["users"][number] => {
  const user = world.demo.users.find((one) => one.username === username);
  if (user === undefined) throw new Error(`Nobody at the demo is called ${username}.`);
  return user;
};

/** Fills in the IdP's login page as that person. */
export const logIn = async (page: Page, user: World["demo"]["users"][number]): Promise<void> => {
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.click("[type=submit]");
};

/** From the palette to the IdP and back, through every dialog that a person sees. */
export const signInAs = async (
  workbench: Workbench,
  world: Pick<World, "demo">,
  username: string,
): Promise<void> => {
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Sign In");
    await approveWhatWaits(workbench);
    await workbench.answer("Allow");
  });
  await logIn(page, personOf(world, username));
  await page.getByText("You are signed in").waitFor();
  await page.close();
};
