import { useState } from 'react'
import { Button, Modal } from 'antd'
import { fileSize } from '@/ui'

export interface Viewed {
  name: string
  href: string
  contentType: string
  size?: number
}

/** A file in the page: pictures and PDF. A browser without a PDF reader, and other formats, get a way to open it. */
export function FileView({ file }: { file: Viewed }) {
  const [large, setLarge] = useState(false)
  const shown = file.contentType.startsWith('image/') || (file.contentType === 'application/pdf' && navigator.pdfViewerEnabled)
  return (
    <figure className="desk-view">
      <figcaption>
        <span className="desk-view-name">{file.name}{file.size ? <span className="desk-quiet">　{fileSize(file.size)}</span> : null}</span>
        {shown && <Button size="small" onClick={() => setLarge(true)}>放大</Button>}
        <Button size="small" href={file.href} target="_blank" rel="noreferrer">新窗口打开</Button>
      </figcaption>
      {shown ? <Picture file={file} /> : (
        <p className="desk-view-none">
          {file.contentType === 'application/pdf' ? '这个浏览器不能在页面里显示 PDF，请在新窗口打开。' : '这种格式不能在页面里显示，请下载后查看。'}
          <Button href={file.href} download={file.name}>下载</Button>
        </p>
      )}
      {large && (
        <Modal open title={file.name} footer={null} width="min(1200px, 96vw)" onCancel={() => setLarge(false)} destroyOnHidden styles={{ body: { height: '80vh' } }}>
          <Picture file={file} />
        </Modal>
      )}
    </figure>
  )
}

function Picture({ file }: { file: Viewed }) {
  const [broken, setBroken] = useState('')
  if (file.contentType === 'application/pdf') return <iframe src={`${file.href}#navpanes=0&view=FitH`} title={file.name} />
  if (broken === file.href) return <p className="desk-view-none" role="alert">图片没有读到，可能网络不通，或文件已损坏。<Button onClick={() => setBroken('')}>再试一次</Button></p>
  return <img src={file.href} alt={file.name} onError={() => setBroken(file.href)} />
}
