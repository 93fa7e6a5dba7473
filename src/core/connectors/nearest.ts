export const sameUrl = (a: string, b: string): boolean => {
  const [first, second] = [URL.parse(a), URL.parse(b)];
  return first !== null && first.href === second?.href;
};
