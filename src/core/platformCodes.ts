const deepestPlatformCause = 8;

/** The codes of the platform's errors under one of ours: of each cause, and of those that are gathered in one. */
export const platformCodesIn = (error: unknown, depth = 0): readonly string[] => {
  if (!(error instanceof Error) || depth > deepestPlatformCause) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  const gathered: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [
    ...(depth === 0 ? [] : own),
    ...gathered.flatMap((each) => platformCodesIn(each, depth + 1)),
    ...platformCodesIn(error.cause, depth + 1),
  ];
};
