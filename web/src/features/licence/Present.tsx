import { useEffect, useRef, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { licences } from '@/api'
import { Dialog, ErrorBox, Waiting } from '@/ui'

const term = 5 * 60_000

/** 亮证: a code that answers for a few minutes. It renews itself while it is being shown. */
export function Present({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const q = useQuery({
    queryKey: ['licence-qr', id], queryFn: () => licences.qr(id).then((qr) => ({ ...qr, until: expiry(qr.expires) })),
    gcTime: 0, staleTime: Infinity, refetchOnWindowFocus: false,
  })
  const left = useSecondsLeft(q.data?.until)
  const { refetch } = q
  useEffect(() => {
    if (left === 0) void refetch()
  }, [left, refetch])

  return (
    <Dialog title={`出示：${title}`} onClose={onClose}>
      {q.isPending && <Waiting lines={4} label="正在生成二维码" />}
      {q.isError && <ErrorBox error={q.error} retry={() => void refetch()} />}
      {q.data && (
        <div className="present">
          <Picture of={q.data.picture} />
          {q.data.code && <p>扫不了码时可报出示码：<strong className="num">{q.data.code}</strong></p>}
          <p className="soft" aria-live="off">{left !== undefined && left > 0 ? `${Math.floor(left / 60)} 分 ${String(left % 60).padStart(2, '0')} 秒后自动更新` : '正在更新……'}</p>
          <p className="small soft">请对方扫码后在核验页查看结果，不要只看屏幕。</p>
        </div>
      )}
      <p className="row case-next">
        <button type="button" className="btn" onClick={() => void refetch()} disabled={q.isFetching}>换一个码</button>
        <button type="button" className="btn main" onClick={onClose}>完成</button>
      </p>
    </Dialog>
  )
}

/** The picture of a blob: its address lives as long as it is shown. */
function Picture({ of }: { of: Blob }) {
  const ref = useRef<HTMLImageElement>(null)
  useEffect(() => {
    const url = URL.createObjectURL(of)
    if (ref.current) ref.current.src = url
    return () => URL.revokeObjectURL(url)
  }, [of])
  return <img ref={ref} alt="证照核验二维码" width={240} height={240} />
}

/** By the device's own clock when the server's does not agree with it: a phone that is minutes off must not spin. */
function expiry(expires: string): number {
  const at = Date.parse(expires)
  const now = Date.now()
  return Number.isNaN(at) || at < now + 30_000 || at > now + 2 * term ? now + term : at
}

function useSecondsLeft(until: number | undefined): number | undefined {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const t = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(t)
  }, [])
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - now) / 1000))
}
