import { useEffect, useRef, type ReactNode } from 'react'

interface Props {
  /** What the page is, not where it is. */
  title: string
  lead?: ReactNode
  actions?: ReactNode
  /** A way back that does not need the browser's button. */
  back?: ReactNode
  children?: ReactNode
}

/**
 * A view with its heading. On arrival the heading gets the focus, so that a screen reader says
 * where one is and the keyboard starts at the top; and the document's title follows.
 */
export function Page({ title, lead, actions, back, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} - 随州市政务服务`
    // Somebody who already works inside the page keeps his place.
    const at = document.activeElement
    if (!at || at === document.body || !heading.current?.closest('main')?.contains(at)) heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <div className="page">
      {back && <p className="page-back">{back}</p>}
      <div className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
