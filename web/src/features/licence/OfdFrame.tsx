import { useEffect, useRef, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { licences } from '@/api'
import { ErrorBox, Note, Waiting } from '@/ui'

type Message = { type: 'ready' } | { type: 'rendered'; pages: number; height: number } | { type: 'failed'; reason: string }

/**
 * The sealed file itself, drawn by ofd.js in a frame without origin: a faulty or hostile file
 * reaches neither the session nor the page. The bytes go in by message, only a height comes out.
 */
export default function OfdFrame({ id, title }: { id: string; title: string }) {
  const file = useQuery({ queryKey: ['licence-ofd', id], queryFn: () => licences.ofd(id), staleTime: Infinity })
  const frame = useRef<HTMLIFrameElement>(null)
  const [ready, setReady] = useState(false)
  const [height, setHeight] = useState(0)
  const [failed, setFailed] = useState(false)
  const [large, setLarge] = useState(false)

  useEffect(() => {
    const listen = (e: MessageEvent<Message>) => {
      if (e.source !== frame.current?.contentWindow) return
      if (e.data.type === 'ready') setReady(true)
      else if (e.data.type === 'rendered') setHeight(e.data.height)
      else if (e.data.type === 'failed') setFailed(true)
    }
    addEventListener('message', listen)
    return () => removeEventListener('message', listen)
  }, [])

  useEffect(() => {
    const target = frame.current?.contentWindow
    if (!ready || !file.data || !target) return
    // The frame has no origin to name; the content is the holder's own and goes to our own frame.
    const draw = () => target.postMessage({ type: 'render', file: file.data, width: frame.current?.clientWidth ?? 360 }, '*')
    draw()
    let timer: ReturnType<typeof setTimeout> | undefined
    let width = innerWidth
    const resized = () => {
      if (innerWidth === width) return
      width = innerWidth
      clearTimeout(timer)
      timer = setTimeout(draw, 200)
    }
    addEventListener('resize', resized)
    return () => {
      clearTimeout(timer)
      removeEventListener('resize', resized)
    }
  }, [ready, file.data, large])

  if (file.isError) return <ErrorBox error={file.error} retry={() => void file.refetch()} safe="证照有效，只是暂时没有读到文件。" />
  return (
    <div className={large ? 'ofd large' : 'ofd'}>
      {height > 0 && (
        <p className="ofd-tools"><button type="button" className="btn plain" aria-pressed={large} onClick={() => setLarge(!large)}>{large ? '恢复大小' : '放大查看'}</button></p>
      )}
      {failed ? (
        <Note tone="warn"><p>这台设备的浏览器没能画出版式文件。可以下载 PDF 副本查看，内容相同。</p></Note>
      ) : height === 0 && <Waiting lines={6} label="正在打开证照" />}
      <div className="ofd-scroll" {...(large ? { tabIndex: 0, role: 'region', 'aria-label': '放大的证照，可左右滑动' } : {})}>
        <iframe
          ref={frame} src="/ofd-viewer.html" sandbox="allow-scripts" title={`${title}版式文件`}
          className="ofd-frame" style={{ height: failed ? 0 : height }} data-state={failed ? 'failed' : height > 0 ? 'rendered' : 'waiting'}
        />
      </div>
    </div>
  )
}
