import { explain } from '@/api'
import { atClock } from '@/ui'
import type { SaveState } from './draftSaver'

/** Saving marks itself: nobody has to look for a button. */
export function SaveStatus({ state, onRetry }: { state: SaveState; onRetry: () => void }) {
  return (
    <p className={`save ${state.kind}`} role="status">
      {state.kind === 'saved' && `已自动保存（${atClock(state.at)}）`}
      {(state.kind === 'dirty' || state.kind === 'saving') && '正在保存……'}
      {state.kind === 'offline' && '网络不通，内容已留在本机，恢复后自动保存'}
      {state.kind === 'conflict' && '另一处也改过这份草稿，请选择'}
      {state.kind === 'failed' && (
        <>
          {explain(state.error)} <button type="button" className="btn plain" onClick={onRetry}>再保存一次</button>
        </>
      )}
    </p>
  )
}
