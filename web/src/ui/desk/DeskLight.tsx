import { Light } from '@/ui'
import type { LightColour } from '@/api'

/** The light of a case as a shape with its word; nothing runs any more: a dash. */
export function DeskLight({ light, text }: { light: LightColour | ''; text?: string }) {
  if (!light) return <span className="desk-quiet">—</span>
  return <Light light={light} {...(text ? { text } : {})} />
}
