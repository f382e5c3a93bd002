import { Link } from 'react-router'
import { licences, type Licence } from '@/api'
import { Empty, ErrorBox, onDay, Page, StatusTag, Waiting } from '@/ui'
import { More } from '@/ui/More'
import { usePages } from '@/ui/usePages'
import './licence.css'

/** 我的证照: cards that look like the papers, so that one is known at a glance. */
export default function Licences() {
  const list = usePages<Licence>(['licences'], licences.mine)
  return (
    <Page title="我的证照" lead="电子证照与纸质证照具有同等效力，可以出示、下载和核验。">
      {list.isPending && <Waiting lines={6} />}
      {list.isError && list.rows.length === 0 && <ErrorBox error={list.error} retry={() => void list.refetch()} safe="证照都在，只是暂时没有读到。" />}
      {list.isSuccess && list.rows.length === 0 && (
        <Empty title="还没有电子证照" action={<a className="btn" href="/">去找要办的事</a>}>申请获得许可之后，证照会自动出现在这里。</Empty>
      )}
      <ul className="licences">
        {list.rows.map((l) => (
          <li key={l.id}>
            <Link to={`/my/licences/${encodeURIComponent(l.id)}`} className={l.status === 'valid' ? 'paper' : 'paper void'}>
              <span className="paper-title">{l.title}</span>
              <span className="paper-holder">{l.holder_name}</span>
              <span className="paper-no num">{l.number}</span>
              <span className="paper-foot">
                <span>{l.issuer_name}<br />{onDay(l.issued_at)}</span>
                {l.status === 'valid' ? <span className="paper-seal" aria-hidden="true">电子印章</span> : <StatusTag tone="bad">{l.status_text}</StatusTag>}
              </span>
              <span className="off">，{l.status_text}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More more={list.hasNextPage} loading={list.isFetchingNextPage} error={list.isFetchNextPageError} onMore={() => void list.fetchNextPage()} />
    </Page>
  )
}
