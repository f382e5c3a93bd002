import { Light } from '@/ui'

/** The light of a case: a stopped clock has no colour but a word. */
export function DeskLight({ light }: { light?: string }) {
  if (light === 'paused') return <span className="desk-quiet">‖ 计时暂停</span>
  if (light === 'green' || light === 'yellow' || light === 'red') return <Light light={light} />
  return <span className="desk-quiet">—</span>
}
