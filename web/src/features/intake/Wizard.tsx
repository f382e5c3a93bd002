import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearchParams } from 'react-router'
import { drafts, type Draft, type DraftFile, type FormDefinition, type Item } from '@/api'
import { Page } from '@/ui'
import { checkForm, fromServer, relevant, type FieldErrors } from '@/ui/form'
import { ConfirmStep } from './ConfirmStep'
import { ConflictDialog } from './ConflictDialog'
import { DraftSaver } from './draftSaver'
import { FormStep } from './FormStep'
import { IntroStep } from './IntroStep'
import { MaterialStep } from './MaterialStep'
import { materialsFor } from './materials'
import { SaveStatus } from './SaveStatus'

const steps = [
  { id: 'intro', name: '说明' },
  { id: 'form', name: '填表' },
  { id: 'materials', name: '材料' },
  { id: 'confirm', name: '确认' },
] as const
export type StepId = (typeof steps)[number]['id']

interface Props {
  item: Item
  draft: Draft
  def: FormDefinition
}

/** 情形 → 表单 → 材料 → 确认 → 回执, one thing at a time. The step is in the address: the back button goes one step back. */
export function Wizard({ item, draft, def }: Props) {
  const [params, setParams] = useSearchParams()
  const step: StepId = steps.find((s) => s.id === params.get('step'))?.id ?? 'intro'
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [saver] = useState(() => new DraftSaver({ draft, save: (form, version) => drafts.save(draft.id, form, version) }))
  const state = useSyncExternalStore(saver.subscribe, saver.current)
  const [form, setForm] = useState(saver.value)
  const [files, setFiles] = useState<DraftFile[]>(draft.files)
  const [errors, setErrors] = useState<FieldErrors>({})
  const top = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    const online = () => saver.wake()
    // Leaving the page (or the phone locking) sends what is not sent yet; localStorage has it anyway.
    const hidden = () => document.visibilityState === 'hidden' && void saver.flush()
    addEventListener('online', online)
    document.addEventListener('visibilitychange', hidden)
    return () => {
      removeEventListener('online', online)
      document.removeEventListener('visibilitychange', hidden)
      void saver.flush()
    }
  }, [saver])

  const go = useCallback((to: StepId) => {
    setParams((p) => {
      p.set('step', to)
      return p
    })
    scrollTo({ top: 0 })
  }, [setParams])

  const arrived = useRef(step)
  useEffect(() => {
    if (arrived.current !== step) top.current?.focus({ preventScroll: true })
    arrived.current = step
  }, [step])

  const change = (next: typeof form) => {
    setForm(next)
    saver.change(next)
  }
  const materials = useMemo(() => materialsFor(item, form), [item, form])
  const at = steps.findIndex((s) => s.id === step)

  const leaveForm = () => {
    const clean = relevant(def, form)
    const found = checkForm(def, clean)
    setErrors(found)
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => document.getElementById('errors')?.focus())
      return
    }
    change(clean)
    void saver.flush()
    go('materials')
  }

  return (
    <Page
      title={item.name}
      lead={item.org_name}
      back={<a href={`/items/${encodeURIComponent(item.id)}`}>‹ 办事指南</a>}
    >
      <nav aria-label="申请步骤" className="steps">
        <ol>
          {steps.map((s, i) => (
            <li key={s.id} className={i < at ? 'done' : i === at ? 'here' : ''} aria-current={i === at ? 'step' : undefined}>
              {i < at ? <button type="button" onClick={() => go(s.id)}>{s.name}</button> : <span>{s.name}</span>}
            </li>
          ))}
        </ol>
      </nav>
      <div className="step-head">
        <h2 ref={top} tabIndex={-1}>{headings[step]}</h2>
        <SaveStatus state={state} onRetry={() => void saver.flush()} />
      </div>
      {state.kind === 'conflict' && (
        <ConflictDialog def={def} mine={form} theirs={state.theirs} onChoose={(c) => void saver.resolve(c).then(() => setForm(saver.value()))} />
      )}
      {step === 'intro' && <IntroStep item={item} def={def} form={form} materials={materials} onChange={change} onNext={() => go('form')} />}
      {step === 'form' && (
        <FormStep def={def} draft={draft} form={form} errors={errors} onErrors={setErrors} onChange={change} onNext={leaveForm} onBack={() => go('intro')} />
      )}
      {step === 'materials' && (
        <MaterialStep draftId={draft.id} materials={materials} files={files} onFiles={setFiles} onNext={() => go('confirm')} onBack={() => go('form')} />
      )}
      {step === 'confirm' && (
        <ConfirmStep
          item={item} def={def} form={form} materials={materials} files={files} saver={saver} draftId={draft.id}
          onEdit={go}
          onFieldErrors={(fields) => {
            setErrors(fromServer(fields))
            go('form')
          }}
          onDone={(caseNo) => {
            saver.forget()
            // Not “everything”: asking for this item again would open a new draft of it.
            for (const key of ['cases', 'drafts']) void queries.invalidateQueries({ queryKey: [key] })
            void navigate(`/my/cases/${encodeURIComponent(caseNo)}/receipt`, { replace: true })
          }}
        />
      )}
    </Page>
  )
}

const headings: Record<StepId, string> = {
  intro: '办之前先看看',
  form: '填写申请表',
  materials: '上传申请材料',
  confirm: '核对并提交',
}
