import { Button } from 'antd'

/** The foot of a keyset list: how much is shown, the next page, or that this was all. */
export function LoadMore({ shown, more, loading, onMore }: { shown: number; more: boolean; loading: boolean; onMore: () => void }) {
  return (
    <div className="desk-more">
      {more ? <><span className="desk-quiet">已显示 {shown} 条</span><Button loading={loading} onClick={onMore}>显示更多</Button></> : <span className="desk-quiet">共 {shown} 条，已全部显示</span>}
    </div>
  )
}
