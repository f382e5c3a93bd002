import { privacy, type Access } from '@/api'
import { atMinute, Empty, ErrorBox, Page, StatusTag, Waiting } from '@/ui'
import { More } from '@/ui/More'
import { usePages } from '@/ui/usePages'
import './accesses.css'

const objects: Record<string, string> = { case: '办件', licence: '证照', account: '账号', session: '登录', mandate: '授权', person: '个人资料' }

/** 谁看过我的信息: every look of an official at this person's data, with post and reason. */
export default function Accesses() {
  const list = usePages<Access>(['accesses'], privacy.accesses)
  return (
    <Page title="谁看过我的信息" lead="工作人员每次查看或处理您的信息，都会留下不能更改的记录。您可以在这里看到是哪个岗位、在什么时候、为什么看的。">
      {list.isPending && <Waiting lines={5} />}
      {list.isError && list.rows.length === 0 && <ErrorBox error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && list.rows.length === 0 && <Empty title="还没有记录">您提交申请之后，谁办理、谁查看过，都会显示在这里。</Empty>}
      <ul className="accesses">{list.rows.map((a) => <Row key={a.id} access={a} />)}</ul>
      <More more={list.hasNextPage} loading={list.isFetchingNextPage} error={list.isFetchNextPageError} onMore={() => void list.fetchNextPage()} />
      <p className="small soft accesses-note">记录采用防篡改的留痕日志保存，任何改动都能被查出。如果您认为有人不该查看您的信息，可以拨打 12345 反映。</p>
    </Page>
  )
}

function Row({ access }: { access: Access }) {
  const thing = objects[access.object_kind]
  const number = access.object_kind === 'case' || access.object_kind === 'licence' ? access.object_id : ''
  return (
    <li className="card">
      <p className="access-head"><b>{access.who}</b>{access.own && <StatusTag tone="quiet">本人</StatusTag>}<time className="small soft" dateTime={access.at}>{atMinute(access.at)}</time></p>
      <p>{access.action_name}{thing && <>：{thing}{number && <span className="num access-number">{number}</span>}</>}</p>
      {access.ground && <p className="small soft">理由：{access.ground}</p>}
    </li>
  )
}
