import { useCallback, useMemo, useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { ApiError, desk, explain, type Case, type Current, type DeskAction } from '@/api'
import { caseTone, StatusTag } from '@/ui'
import { DeskLight } from '@/ui/desk/DeskLight'
import { ListState } from '@/ui/desk/ListState'
import { oneAtATime, useDeskChange } from '@/ui/desk/live'
import { useTitle } from '@/ui/desk/useTitle'
import { short } from '@/ui/desk/when'
import type { Act } from './act'
import { ActionBar } from './ActionBar'
import { Clock } from './Clock'
import { Documents } from './Documents'
import { FormFacts } from './FormFacts'
import { Materials } from './Materials'
import { bySystem, faster, lastStep } from './moved'
import { unchanged } from './unchanged'
import { Timeline } from './Timeline'

export default function CasePage() {
  const { no = '' } = useParams()
  // Another case is another page: nothing of the last one may stay in its dialogs or its viewer.
  return <CaseView key={no} no={no} />
}

/** One case: material and viewer · form and papers · clock and timeline; what I can do now in one bar. */
function CaseView({ no }: { no: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const key = useMemo(() => ['desk-case', no], [no])
  const query = useQuery({
    queryKey: key,
    queryFn: () => desk.case(no),
    // Reading a case is evidence, so it is read again only for a reason: a paper is being sealed.
    refetchInterval: (q) => (q.state.data?.documents.some((d) => !d.ready) ? 4_000 : false),
    refetchOnWindowFocus: false,
  })
  const c = query.data
  useTitle(c ? `${c.item_name} ${c.applicant_name}` : '办件')

  // What I have seen or done myself; a later version was made by somebody else, and that is said.
  const [known, setKnown] = useState<number>()
  const [others, setOthers] = useState<Current>()
  if (c && c.version > (known ?? 0)) {
    // What the system does by itself, a colleague did not do: the page just shows it.
    if (known !== undefined && !bySystem(c)) setOthers(lastStep(c))
    setKnown(c.version)
  }

  const changed = useMemo(() => oneAtATime(async () => {
    const seen = client.getQueryData<Case>(key)
    if (seen && !(await unchanged(seen))) await client.invalidateQueries({ queryKey: key })
  }), [client, key])
  useDeskChange(changed)

  const act = useMutation({
    mutationFn: ({ action, body, version }: { action: DeskAction; body: Record<string, unknown>; version: number }) =>
      desk.act(no, action, { ...body, version }),
    onSuccess: (next: Case) => {
      setKnown(next.version)
      setOthers(undefined)
      client.setQueryData(key, next)
      void client.invalidateQueries({ queryKey: ['desk-cases'] })
    },
  })
  const run: Act = async (action, body, version) => {
    try {
      const next = await act.mutateAsync({ action, body, version })
      if (action !== 'check-material') void message.success(`已完成，现在是：${next.state_text}`)
      return undefined
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 409) return explain(e)
      // Somebody was faster: what was typed stays where it is, and it is said who did what.
      void client.invalidateQueries({ queryKey: key })
      const now = e.problem.current as Current | undefined
      return now ? faster(now) : explain(e)
    }
  }
  const next = useCallback(() => void (async () => {
    try {
      const { rows } = await desk.cases({ tab: 'todo' })
      const after = rows[rows.findIndex((r) => r.case_no === no) + 1] ?? rows[0]
      if (after && after.case_no !== no) await navigate(`/desk/cases/${after.case_no}`)
      else void message.info('没有等您办理的下一件了。')
    } catch (e) {
      void message.error(explain(e))
    }
  })(), [no, navigate, message])

  return (
    <>
    {!c && <><p><Link to="/desk">‹ 办件</Link></p><h1 className="desk-case-none">办件 {no}</h1></>}
    <ListState pending={query.isPending} error={query.error} retry={() => void query.refetch()} empty="没有这一件。">
      {c && (
        <>
          <header className="desk-case-head">
            <p><Link to="/desk">‹ 办件</Link></p>
            <h1>{c.item_name}</h1>
            <p className="desk-case-line">
              <StatusTag tone={caseTone(c.state, c.result)}>{c.state_text}</StatusTag>
              {c.light && <DeskLight light={c.light} />}
              <span>{c.applicant_name}</span><span className="number">{c.case_no}</span><span className="desk-quiet">{c.org_name}</span>
            </p>
          </header>
          {others && (
            <Alert
              className="desk-alert" type="info" showIcon role="status" closable={{ 'aria-label': '知道了', onClose: () => setOthers(undefined) }}
              title={`${others.by ?? '另一位同事'}${others.at ? `于 ${short(others.at)} ` : ''}更新了这一件，现在是“${others.state_text}”。下面已是最新内容。`}
            />
          )}
          <div className="desk-case">
            <Materials c={c} act={run} busy={act.isPending} />
            <div><FormFacts c={c} /><Documents c={c} /></div>
            <div><Clock c={c} /><Timeline c={c} /></div>
          </div>
          <ActionBar c={c} act={run} busy={act.isPending} next={next} />
        </>
      )}
    </ListState>
    </>
  )
}
