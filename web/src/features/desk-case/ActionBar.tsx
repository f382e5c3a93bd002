import { useEffect, useState } from 'react'
import { Button } from 'antd'
import type { Case } from '@/api'
import { taken } from '@/ui/desk/keys'
import type { Act } from './act'
import { dialogs, type Kind } from './dialogs'
import { lastStep } from './moved'
import { MovedContext } from './StepModal'
import { why } from './why'

interface Props {
  c: Case
  act: Act
  busy: boolean
  next: () => void
}

/** What I can do now, with the reason when something is off. Keys: the number on the button, n for the next case. */
export function ActionBar({ c, act, busy, next }: Props) {
  // The case as it was when the dialog was opened: what its words are about.
  const [open, setOpen] = useState<{ kind: Kind; seen: Case }>()
  const [asked, setAsked] = useState<Kind>()
  const offered = dialogs.filter((d) => c.can.includes(d.kind)).map((d) => ({ ...d, reason: d.blocked?.(c) }))
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (open || taken(e)) return
      const d = offered[Number(e.key) - 1]
      if (d) {
        e.preventDefault()
        if (d.reason) setAsked(d.kind)
        else if (!busy) setOpen({ kind: d.kind, seen: c })
      } else if (e.key === 'n') next()
    }
    window.addEventListener('keydown', keys)
    return () => window.removeEventListener('keydown', keys)
  }, [offered, open, busy, c, next])

  const Dialog = dialogs.find((d) => d.kind === open?.kind)?.dialog
  // The reason of what was asked for last, else of the first that is off; or why there is nothing.
  const reason = offered.length === 0 ? why(c) : (offered.find((d) => d.kind === asked)?.reason ?? offered.find((d) => d.reason)?.reason ?? '')
  return (
    <div className="desk-actions" role="toolbar" aria-label="现在可以办理">
      {offered.map((d, i) => (
        <Button
          key={d.kind} type={i === 0 && !d.danger ? 'primary' : 'default'} danger={d.danger} disabled={busy || Boolean(d.reason)}
          onClick={() => setOpen({ kind: d.kind, seen: c })} aria-keyshortcuts={String(i + 1)} aria-describedby={d.reason ? 'why' : undefined}
        >
          {d.label}<kbd aria-hidden="true">{i + 1}</kbd>
        </Button>
      ))}
      <span className="why" id="why" role="status">{reason}</span>
      <Button className="desk-next" type={offered.length === 0 ? 'primary' : 'default'} onClick={next} aria-keyshortcuts="n">下一件<kbd aria-hidden="true">N</kbd></Button>
      {open && Dialog && (
        <MovedContext value={{
          ...(c.version !== open.seen.version ? { now: lastStep(c) } : {}),
          possible: c.can.includes(open.kind),
          look: () => setOpen({ kind: open.kind, seen: c }),
        }}>
          <Dialog c={open.seen} act={(action, body) => act(action, body, open.seen.version)} close={() => setOpen(undefined)} />
        </MovedContext>
      )}
    </div>
  )
}
