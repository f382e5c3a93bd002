import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import { cases, drafts, licences, type CaseRow, type Draft } from '@/api'
import { atMinute, Empty, ErrorBox, onDay, Page, StatusTag, Waiting } from '@/ui'
import { isApplicant, useMe } from '@/ui/me'
import { usePages } from '@/ui/usePages'
import { CaseCard } from './CaseCard'
import { isOpen } from './progress'
import './cases.css'

/** 我的空间: what I have going before everything else. */
export default function My() {
  const me = useMe()
  if (!isApplicant(me)) {
    return (
      <Page title="我的空间">
        <Empty title="这是申请人的空间" action={<a className="btn main" href="/desk">进入工作台</a>}>您现在用工作人员账号登录，没有自己的办件。</Empty>
      </Page>
    )
  }
  const who = me.applicant?.kind === 'legal' ? `${me.applicant.name}（${me.name} 经办）` : (me.applicant?.name ?? me.name)
  return (
    <Page title="我的空间" lead={<>{who} {me.applicant?.id_masked && <span className="num">{me.applicant.id_masked}</span>}</>} actions={<a className="btn main" href="/">找要办的事</a>}>
      <Going />
      <Drafts />
      <Papers />
      <section className="section" aria-labelledby="privacy">
        <h2 id="privacy">我的信息</h2>
        <p>工作人员每次查看您的信息都有记录，您可以随时查看。</p>
        <p className="row"><Link className="btn" to="/my/privacy/accesses">谁看过我的信息</Link></p>
      </section>
    </Page>
  )
}

function Going() {
  const list = usePages<CaseRow>(['cases'], cases.mine)
  const going = list.rows.filter(isOpen)
  const first = [...going.filter((c) => c.state === 'supplement_requested'), ...going.filter((c) => c.state !== 'supplement_requested')]
  return (
    <section aria-labelledby="going">
      <div className="section-head"><h2 id="going">正在办的事</h2><Link to="/my/cases">全部办件</Link></div>
      {list.isPending && <Waiting lines={4} />}
      {list.isError && <ErrorBox error={list.error} retry={() => void list.refetch()} safe="已提交的申请都在，只是暂时没有读到。" />}
      {list.isSuccess && first.length === 0 && <Empty title="现在没有正在办的事">提交申请之后，走到哪一步、由谁办、什么时候办好，都会显示在这里。</Empty>}
      <div className="cards">{first.slice(0, 5).map((r) => <CaseCard key={r.case_no} row={r} level={3} />)}</div>
    </section>
  )
}

function Drafts() {
  const q = useQuery({ queryKey: ['drafts'], queryFn: drafts.mine })
  if (!q.data || q.data.rows.length === 0) return null
  return (
    <section className="section" aria-labelledby="drafts">
      <h2 id="drafts">没填完的申请</h2>
      <ul className="cards">{q.data.rows.map((d) => <DraftRow key={d.id} draft={d} />)}</ul>
    </section>
  )
}

function DraftRow({ draft }: { draft: Draft }) {
  const queries = useQueryClient()
  const remove = useMutation({ mutationFn: () => drafts.remove(draft.id), onSuccess: () => queries.invalidateQueries({ queryKey: ['drafts'] }) })
  return (
    <li className="card">
      <h3>{draft.item_name}</h3>
      <p className="small soft">{atMinute(draft.updated_at)}保存</p>
      <p className="row">
        <Link className="btn" to={`/apply/${encodeURIComponent(draft.item_id)}?step=form`}>接着填<span className="off">：{draft.item_name}</span></Link>
        <button
          type="button" className="btn plain" disabled={remove.isPending} aria-label={`删除草稿：${draft.item_name}`}
          onClick={() => confirm(`确定删除“${draft.item_name}”的草稿和已上传的材料吗？删除后不能恢复。`) && remove.mutate()}
        >
          删除草稿
        </button>
      </p>
      {remove.isError && <ErrorBox error={remove.error} />}
    </li>
  )
}

function Papers() {
  const q = useQuery({ queryKey: ['licences', 'first'], queryFn: () => licences.mine() })
  if (!q.data || q.data.rows.length === 0) return null
  return (
    <section className="section" aria-labelledby="papers">
      <div className="section-head"><h2 id="papers">我的证照</h2><Link to="/my/licences">全部证照</Link></div>
      <ul className="papers">
        {q.data.rows.slice(0, 4).map((l) => (
          <li key={l.id} className="card">
            <h3><Link to={`/my/licences/${encodeURIComponent(l.id)}`}>{l.title}</Link></h3>
            <p className="small soft">{l.issuer_name} · {onDay(l.issued_at)}</p>
            <StatusTag tone={l.status === 'valid' ? 'good' : 'bad'}>{l.status_text}</StatusTag>
          </li>
        ))}
      </ul>
    </section>
  )
}
