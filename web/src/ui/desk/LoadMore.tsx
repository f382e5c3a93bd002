import { Button } from 'antd'

/** The foot of a keyset list: the next page, or that this was all. */
export function LoadMore({ more, loading, onMore, none }: { more: boolean; loading: boolean; onMore: () => void; none?: boolean }) {
  if (none) return null
  return <div className="desk-more">{more ? <Button loading={loading} onClick={onMore}>显示更多</Button> : <span className="desk-quiet">已全部显示</span>}</div>
}
