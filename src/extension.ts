/** Called by the editor once, when the extension starts. */
export function activate(): void {
  // Composition comes here.
}

/** Called by the editor before it ends the extension host. */
export function deactivate(): void {
  // Nothing to give back yet.
}
