import { ApiError, type Draft, type FormData_ } from '@/api'
import { store } from '@/ui/store'

export type SaveState =
  | { kind: 'saved'; at: string }
  | { kind: 'dirty' }
  | { kind: 'saving' }
  | { kind: 'offline' }
  | { kind: 'failed'; error: unknown }
  /** Somebody (this person in another tab or on the phone) saved something else meanwhile. */
  | { kind: 'conflict'; theirs: Draft }

interface Kept {
  form: FormData_
  /** The version that these words were typed upon. */
  version: number
}

interface Options {
  draft: Draft
  save: (form: FormData_, version: number) => Promise<Draft>
  /** Milliseconds of quiet before a save. */
  quiet?: number
}

const firstRetry = 2_000
const longestRetry = 60_000
const keptKey = (draftId: string) => `onedoor.draft.${draftId}`

/**
 * Keeps a draft while it is typed. Every change stands in localStorage at once and goes to the
 * server after a short silence, one save at a time, each upon the version it was typed on. A lost
 * network leaves it here and tries again; a version that moved on is never overwritten: the person
 * chooses.
 */
export class DraftSaver {
  private form: FormData_
  private version: number
  private state: SaveState
  private timer: ReturnType<typeof setTimeout> | undefined
  private running: Promise<void> | null = null
  private delay = firstRetry
  private readonly listeners = new Set<() => void>()
  private readonly o: Required<Options>

  constructor(options: Options) {
    this.o = { quiet: 800, ...options }
    this.form = options.draft.form
    this.version = options.draft.version
    this.state = { kind: 'saved', at: options.draft.updated_at }
    this.recover(options.draft)
  }

  /** Words that never reached the server: upon the same version they are simply sent again. */
  private recover(server: Draft): void {
    const kept = store.get<Kept>(keptKey(server.id))
    if (!kept) return
    if (same(kept.form, server.form)) {
      store.remove(keptKey(server.id))
      return
    }
    this.form = kept.form
    if (kept.version === server.version) {
      this.set({ kind: 'dirty' })
      this.schedule(0)
    } else {
      this.set({ kind: 'conflict', theirs: server })
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly current = (): SaveState => this.state
  readonly value = (): FormData_ => this.form

  change(form: FormData_): void {
    this.form = form
    store.set(keptKey(this.o.draft.id), { form, version: this.version } satisfies Kept)
    if (this.state.kind === 'conflict') return
    if (this.state.kind !== 'saving') this.set({ kind: 'dirty' })
    this.schedule(this.o.quiet)
  }

  /** Saves now. Resolves true when the server has everything. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer)
    while (this.running) await this.running
    if (this.state.kind === 'conflict') return false
    if (this.state.kind !== 'saved') {
      this.running = this.send().finally(() => {
        this.running = null
      })
      await this.running
    }
    return (this.state as SaveState).kind === 'saved'
  }

  /** After a conflict: mine goes over theirs, or theirs takes the place of mine. */
  async resolve(choice: 'mine' | 'theirs'): Promise<void> {
    if (this.state.kind !== 'conflict') return
    const { theirs } = this.state
    this.version = theirs.version
    if (choice === 'theirs') {
      this.form = theirs.form
      store.remove(keptKey(this.o.draft.id))
      this.set({ kind: 'saved', at: theirs.updated_at })
      return
    }
    store.set(keptKey(this.o.draft.id), { form: this.form, version: this.version } satisfies Kept)
    this.set({ kind: 'dirty' })
    await this.flush()
  }

  /** The network is back: no need to wait for the next try. */
  wake(): void {
    if (this.state.kind === 'offline' || this.state.kind === 'failed') this.schedule(0)
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  /** The draft became a case: nothing is left to keep. */
  forget(): void {
    this.stop()
    store.remove(keptKey(this.o.draft.id))
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.flush(), ms)
  }

  private async send(): Promise<void> {
    const sent = this.form
    this.set({ kind: 'saving' })
    try {
      const saved = await this.o.save(sent, this.version)
      this.version = saved.version
      this.delay = firstRetry
      if (this.form === sent) {
        store.remove(keptKey(this.o.draft.id))
        this.set({ kind: 'saved', at: saved.updated_at })
      } else {
        // Typed on while saving: those words were typed upon what is saved now.
        store.set(keptKey(this.o.draft.id), { form: this.form, version: this.version } satisfies Kept)
        this.set({ kind: 'dirty' })
        this.schedule(this.o.quiet)
      }
    } catch (error) {
      this.failed(error, sent)
    }
  }

  private failed(error: unknown, sent: FormData_): void {
    if (error instanceof ApiError && error.status === 409 && isDraft(error.problem.current)) {
      const theirs = error.problem.current
      // The answer to an earlier save was lost on the way: what stands there is what we sent.
      if (same(theirs.form, sent)) {
        this.version = theirs.version
        this.set({ kind: 'dirty' })
        this.schedule(0)
        return
      }
      this.set({ kind: 'conflict', theirs })
      return
    }
    if (error instanceof ApiError && error.passing) {
      this.set({ kind: 'offline' })
      this.schedule(this.delay)
      this.delay = Math.min(this.delay * 2, longestRetry)
      return
    }
    this.set({ kind: 'failed', error })
  }

  private set(state: SaveState): void {
    this.state = state
    for (const l of this.listeners) l()
  }
}

function isDraft(v: unknown): v is Draft {
  return typeof v === 'object' && v !== null && 'form' in v && 'version' in v
}

/** Equal as JSON, whatever the order of keys. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(v: unknown): string {
  return JSON.stringify(v, (_, x: unknown) =>
    typeof x === 'object' && x !== null && !Array.isArray(x)
      ? Object.fromEntries(Object.entries(x).sort(([p], [q]) => (p < q ? -1 : 1)))
      : x,
  )
}
