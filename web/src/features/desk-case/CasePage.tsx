import { useEffect, useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { ApiError, desk, explain, live, type Case, type Current, type DeskAction } from '@/api'
import { minute } from '@/ui/desk/when'
import { ListState } from '@/ui/desk/ListState'
import { ActionBar } from './ActionBar'
import { Clock } from './Clock'
import { FormFacts } from './FormFacts'
import { Materials } from './Materials'
import { Timeline } from './Timeline'

/** Does a step; gives undefined when it was done, otherwise what went wrong, in words. */
export type Act = (action: DeskAction, body: Record<string, unknown>) => Promise<string | undefined>

const faster = (now: Current) =>
  `${now.by || '另一位同事'}${now.at ? `已于 ${minute(now.at)} ` : '已'}处理了这一件，现在是：${now.state_text}。您的操作没有生效，请先看最新情况。`

/** One case: material and viewer · form and documents · clock and timeline; what I can do now in one bar. */
export default function CasePage() {
  const { no = '' } = useParams()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [lost, setLost] = useState<Current>()
  const [failed, setFailed] = useState('')
  const query = useQuery({ queryKey: ['desk-case', no], queryFn: () => desk.case(no) })

  useEffect(() => live(desk.stream, () => void client.invalidateQueries({ queryKey: ['desk-case', no] })), [client, no])

  const act = useMutation({
    mutationFn: ({ action, body }: { action: DeskAction; body: Record<string, unknown> }) =>
      desk.act(no, action, { ...body, version: query.data!.version }),
    onSuccess: (next: Case) => {
      client.setQueryData(['desk-case', no], next)
      void client.invalidateQueries({ queryKey: ['desk-cases'] })
      setLost(undefined)
      setFailed('')
    },
  })
  const run: Act = async (action, body) => {
    try {
      const next = await act.mutateAsync({ action, body })
      void message.success(`已完成，现在是：${next.state_text}`)
      return undefined
    } catch (e) {
      // Somebody was faster: what was typed stays in the dialog, and it is said who did what.
      const now = e instanceof ApiError && e.status === 409 ? (e.problem.current as Current | undefined) : undefined
      setLost(now)
      setFailed(now ? '' : explain(e))
      return now ? faster(now) : explain(e)
    }
  }
  const nextCase = async () => {
    const page = await client.fetchQuery({ queryKey: ['desk-next', no], queryFn: () => desk.cases({ tab: 'todo' }), staleTime: 0 })
    const next = page.rows.find((r) => r.case_no !== no)
    if (next) void navigate(`/desk/cases/${next.case_no}`)
    else void message.info('没有下一件了。')
  }

  const c = query.data
  return (
    <ListState pending={query.isPending} error={query.error} retry={() => void query.refetch()} empty="">
      {c && (
        <>
          <div className="desk-bar">
            <Link to="/desk">办件</Link><span aria-hidden="true">›</span>
            <h1 style={{ margin: 0 }}>{c.item_name}</h1>
            <span className="desk-quiet">{c.case_no}　{c.state_text}</span>
            <Button size="small" style={{ marginLeft: 'auto' }} onClick={() => void nextCase()}>下一件</Button>
          </div>
          {lost && (
            <Alert
              type="warning" showIcon role="alert" style={{ marginBottom: 12 }}
              title={faster(lost)}
              action={<Button onClick={() => { setLost(undefined); void query.refetch() }}>查看最新情况</Button>}
            />
          )}
          {failed && <Alert type="error" showIcon role="alert" closable={{ onClose: () => setFailed('') }} title={failed} style={{ marginBottom: 12 }} />}
          <div className="desk-case">
            <Materials c={c} act={run} />
            <FormFacts c={c} />
            <div><Clock c={c} /><Timeline c={c} /></div>
          </div>
          <ActionBar key={no} c={c} act={run} busy={act.isPending} />
        </>
      )}
    </ListState>
  )
}
