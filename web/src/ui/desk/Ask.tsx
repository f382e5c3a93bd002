import { useRef } from 'react'
import { Modal, type ModalProps } from 'antd'

/** A dialog that asks for something: it begins at the first question, not at the cross, and a stray click does not close it. */
export function Ask({ children, ...props }: ModalProps) {
  const body = useRef<HTMLDivElement>(null)
  return (
    <Modal
      open cancelText="取消" mask={{ closable: false }} destroyOnHidden
      afterOpenChange={(open) => { if (open) body.current?.querySelector<HTMLElement>('textarea, input')?.focus() }}
      {...props}
    >
      <div ref={body}>{children}</div>
    </Modal>
  )
}
