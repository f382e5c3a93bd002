import { useQuery } from '@tanstack/react-query'
import { forms, type FormData_ } from '@/api'
import { ErrorBox } from '@/ui'
import { FormView } from '@/ui/form'
import { useState } from 'react'

/** What was filled in, in the words of the form's version of then. Loaded when opened. */
export function CaseForm({ formId, version, form }: { formId: string; version: number; form: FormData_ }) {
  const [open, setOpen] = useState(false)
  const q = useQuery({ queryKey: ['form', formId, version], queryFn: () => forms.get(formId, version), enabled: open, staleTime: Infinity })
  return (
    <details className="card" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary><h2>我填的申请表</h2></summary>
      {q.isError && <ErrorBox error={q.error} retry={() => void q.refetch()} />}
      {q.data && <FormView def={q.data} value={form} />}
    </details>
  )
}
