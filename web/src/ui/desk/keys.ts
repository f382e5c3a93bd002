/**
 * Whether a key belongs to what has the focus and not to the page: somebody types, chooses from
 * a list, or stands in a dialog. Radio buttons and check boxes take no letters.
 */
export function taken(e: KeyboardEvent): boolean {
  if (e.metaKey || e.ctrlKey || e.altKey || e.isComposing) return true
  if (document.querySelector('[role=dialog]:not([aria-hidden=true]):not([style*="display: none"])')) return true
  const at = e.target instanceof Element ? e.target : null
  return Boolean(at?.closest('input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox], [role=menu], [role=listbox]'))
}

/** Whether Enter already means something where the focus is. */
export const pressable = (e: KeyboardEvent): boolean => e.target instanceof Element && e.target.closest('a, button, input, summary') !== null
