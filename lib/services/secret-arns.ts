/** ARNs of the commit roles' secrets by migration, from `gym=arn:…,other=arn:…`. */
export const secretArns = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(",")
      .filter((each) => each.includes("="))
      .map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
  );
