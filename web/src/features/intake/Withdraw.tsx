import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiError, cases, type Case } from '@/api'
import { Dialog, ErrorBox, Field } from '@/ui'

/** 撤回 before the decision: asked twice, because it ends the case. */
export function Withdraw({ c }: { c: Case }) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const queries = useQueryClient()
  const m = useMutation({
    mutationFn: () => cases.withdraw(c.case_no, { version: c.version, reason: reason.trim() || '申请人撤回' }),
    onSuccess: (now) => {
      setOpen(false)
      queries.setQueryData(['case', c.case_no], now)
      void queries.invalidateQueries({ queryKey: ['cases'] })
    },
    onError: (e) => {
      if (e instanceof ApiError && e.status === 409) void queries.invalidateQueries({ queryKey: ['case', c.case_no] })
    },
  })
  return (
    <>
      <button type="button" className="btn danger" onClick={() => setOpen(true)}>撤回申请</button>
      {open && (
        <Dialog title="确定撤回这份申请吗？" onClose={() => setOpen(false)}>
          <p>撤回后本件即告结束，不再办理。需要时可以重新申请，办理时限重新计算。</p>
          <Field label="撤回原因">
            {(a) => <input {...a} className="input" maxLength={200} value={reason} onChange={(e) => setReason(e.target.value)} />}
          </Field>
          {m.isError && <ErrorBox error={m.error} />}
          <p className="row case-next">
            <button type="button" className="btn danger" disabled={m.isPending} onClick={() => m.mutate()}>{m.isPending ? '正在撤回……' : '确定撤回'}</button>
            <button type="button" className="btn" onClick={() => setOpen(false)}>不撤回</button>
          </p>
        </Dialog>
      )}
    </>
  )
}
