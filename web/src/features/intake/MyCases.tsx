import { cases, type CaseRow } from '@/api'
import { Empty, ErrorBox, Page, Waiting } from '@/ui'
import { More } from '@/ui/More'
import { usePages } from '@/ui/usePages'
import { CaseCard } from './CaseCard'
import './cases.css'

export default function MyCases() {
  const list = usePages<CaseRow>(['cases'], cases.mine)
  return (
    <Page title="我的办件" lead="提交过的申请，新的在前。">
      {list.isPending && <Waiting lines={6} />}
      {list.isError && list.rows.length === 0 && <ErrorBox error={list.error} retry={() => void list.refetch()} safe="已提交的申请都在，只是暂时没有读到。" />}
      {list.isSuccess && list.rows.length === 0 && (
        <Empty title="还没有办件" action={<a className="btn main" href="/">去找要办的事</a>}>提交申请之后，进度会显示在这里。</Empty>
      )}
      <div className="cards">{list.rows.map((r) => <CaseCard key={r.case_no} row={r} />)}</div>
      <More more={list.hasNextPage} loading={list.isFetchingNextPage} error={list.isFetchNextPageError} onMore={() => void list.fetchNextPage()} />
    </Page>
  )
}
