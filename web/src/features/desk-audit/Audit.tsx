import { useState } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { desk, explain, type AuditRow } from '@/api'
import { StatusTag } from '@/ui'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { useTitle } from '@/ui/desk/useTitle'
import { minute } from '@/ui/desk/when'

const objects: Record<string, string> = { case: '办件', licence: '证照', item: '事项', account: '账号', post: '岗位', session: '登录', keys: '密钥' }
const kinds: Record<string, string> = { system: '系统', citizen: '个人', enterprise: '企业', staff: '工作人员', anonymous: '未登录' }

const days: Record<string, number> = { 今天: 1, 近7天: 7, 近30天: 30 }

/** The instant that many days ago at midnight in Shanghai. */
function since(span: string): string | undefined {
  const n = days[span]
  if (!n) return undefined
  const now = new Date(Date.now() + 8 * 3600e3)
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - n + 1) - 8 * 3600e3).toISOString()
}

/** Who did what, when, and on what ground. Nothing here can be changed or removed unseen. */
export default function Audit() {
  useTitle('操作记录')
  const [params, setParams] = useSearchParams()
  const no = params.get('case') ?? ''
  const person = params.get('who') ?? ''
  const span = params.get('time') ?? ''
  const set = (key: string, value: string) => setParams((p) => {
    if (value) p.set(key, value)
    else p.delete(key)
    return p
  })
  const list = useKeyset(['desk-audit', no, person, span], (cursor) =>
    desk.audit({ ...(no ? { object_kind: 'case', object_id: no } : {}), ...(person ? { actor: person } : {}), ...(since(span) ? { from: since(span) } : {}), cursor }))
  return (
    <>
      <div className="desk-head"><h1>操作记录</h1></div>
      <LogState />
      <div className="desk-filters">
        <Word label="按办件编号查" hint="办件编号" value={no} onSearch={(v) => set('case', v.toUpperCase())} />
        <Word label="按操作人查" hint="操作人姓名" value={person} onSearch={(v) => set('who', v)} />
        <Segmented aria-label="时间范围" options={['全部时间', ...Object.keys(days)]} value={span || '全部时间'} onChange={(v) => set('time', v === '全部时间' ? '' : v)} />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={no || person || span ? '没有符合条件的记录，请放宽条件再查。' : '还没有操作记录。'}>
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold">
              <caption className="off">操作记录，最新的在前</caption>
              <thead><tr><th scope="col">时间</th><th scope="col">谁</th><th scope="col">做了什么</th><th scope="col">对象</th><th scope="col">理由</th></tr></thead>
              <tbody>
                {list.rows.map((r) => (
                  <tr key={r.id}>
                    <td className="number">{minute(r.at)}</td>
                    <td>{r.actor_name || kinds[r.actor_kind]}{r.post_name && <span className="desk-no">{r.post_name}</span>}</td>
                    <td>{/[\u4e00-\u9fff]/.test(r.action_name) ? r.action_name : '其他操作'}</td>
                    <td className="what"><Thing r={r} /></td>
                    <td>{r.ground || <span className="desk-quiet">—</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}

function Word({ label, hint, value, onSearch }: { label: string; hint: string; value: string; onSearch: (v: string) => void }) {
  const [words, setWords] = useState(value)
  return <Input.Search className="desk-filter-box" aria-label={label} placeholder={hint} value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => onSearch(v.trim())} enterButton="查找" />
}

/** How the tamper-evident log stands, and a look through all of it on demand. */
function LogState() {
  const client = useQueryClient()
  const q = useQuery({ queryKey: ['audit-state'], queryFn: desk.auditState, refetchInterval: 10_000 })
  const check = useMutation({ mutationFn: desk.auditCheck, onSuccess: (s) => client.setQueryData(['audit-state'], s) })
  const s = q.data
  if (!s) return null
  const bad = s.problems.length
  return (
    <section className="desk-panel audit-state" aria-label="留痕日志">
      <p>
        {bad > 0
          ? <StatusTag tone="bad">发现 {bad} 处改动</StatusTag>
          : <StatusTag tone={s.checked_at ? 'good' : 'quiet'}>{s.checked_at ? '核查无改动' : '尚未核查'}</StatusTag>}
        {' '}共 {s.size} 条记录已编号{s.signed_at && <>，最近一次签名 {minute(s.signed_at)}</>}{s.stamped_at && <>，最近一次时间戳 {minute(s.stamped_at)}</>}{s.checked_at && <>，最近一次核查 {minute(s.checked_at)}</>}。
      </p>
      {bad > 0 && <ul>{s.problems.slice(0, 20).map((p, i) => <li key={i}>{p.seq >= 0 && `第 ${p.seq} 条：`}{problems[p.kind] ?? '与签名不符'}</li>)}</ul>}
      <Button disabled={check.isPending} onClick={() => check.mutate()}>{check.isPending ? '正在核查…' : '立即核查'}</Button>
      {check.isError && <p role="alert">{explain(check.error)}</p>}
    </section>
  )
}

const problems: Record<string, string> = {
  altered: '内容被改动', missing: '记录被删除', inserted: '事后补写', repeated: '重复出现', hashes: '保存的校验值被改动',
  tree: '与已签名的检查点不符', signature: '检查点的签名不正确', stamp: '时间戳不正确', unfinished: '长时间没有编号',
}

function Thing({ r }: { r: AuditRow }) {
  const name = objects[r.object_kind] ?? '其他'
  // An account or a post has no number that anybody knows it by.
  if (/^[0-9a-f]{8}-/.test(r.object_id)) return name
  return <>{name}<span className="desk-no">{r.object_kind === 'case' ? <Link to={`/desk/audit?case=${encodeURIComponent(r.object_id)}`}>{r.object_id}</Link> : r.object_id}</span></>
}
