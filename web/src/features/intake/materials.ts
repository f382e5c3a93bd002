import type { FormData_, Item, ItemMaterial, Scenario } from '@/api'
import { getAt } from '@/ui/form'

/** The materials of this application: the item's list, with what the answers add and drop (情形). */
export function materialsFor(item: Item, form: FormData_): ItemMaterial[] {
  const adds = new Set<string>()
  const drops = new Set<string>()
  for (const s of item.scenarios ?? []) {
    if (!applies(s, form)) continue
    for (const code of s.adds ?? []) adds.add(code)
    for (const code of s.drops ?? []) drops.add(code)
  }
  return item.materials
    .filter((m) => !drops.has(m.code))
    .map((m) => (adds.has(m.code) ? { ...m, required: true } : m))
}

/** Required, not waived, and no file yet. */
export function missing(materials: ItemMaterial[], files: { material: string }[]): ItemMaterial[] {
  return materials.filter((m) => m.required && !m.waived && !files.some((f) => f.material === m.code))
}

/** Whether the answer given means this scenario. Answers of several choices mean each of them. */
export function applies(s: Scenario, form: FormData_): boolean {
  const v = getAt(form, s.field)
  const words = Array.isArray(v) ? v : [v]
  return words.some((w) => (typeof w === 'string' || typeof w === 'number' || typeof w === 'boolean') && String(w) === s.value)
}
