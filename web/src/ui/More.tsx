interface Props {
  more: boolean
  loading: boolean
  error: boolean
  onMore: () => void
}

export function More({ more, loading, error, onMore }: Props) {
  if (!more) return null
  return (
    <p className="more">
      <button type="button" className="btn" disabled={loading} onClick={onMore}>
        {loading ? '正在载入……' : error ? '没有载入成功，再试一次' : '显示更多'}
      </button>
    </p>
  )
}
