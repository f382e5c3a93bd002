import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Progress } from 'antd'
import { desk, explain, type KeysOverview } from '@/api'
import { StatusTag, type Tone } from '@/ui'
import { Ask } from '@/ui/desk/Ask'
import { ListState } from '@/ui/desk/ListState'
import { LongText } from '@/ui/desk/LongText'
import { useTitle } from '@/ui/desk/useTitle'
import { minute } from '@/ui/desk/when'

type Key = KeysOverview['keys'][number]
type Rotation = NonNullable<KeysOverview['rotation']>

const providers = { file: '密钥文件', vault: 'Vault 密钥服务', pkcs11: '密码机（PKCS#11）' }
const states: Record<Key['state'], { name: string; tone: Tone }> = {
  active: { name: '使用中', tone: 'good' }, retiring: { name: '正在停用', tone: 'todo' }, retired: { name: '已停用', tone: 'quiet' },
}
const algorithms: Record<string, string> = { 'sm4-gcm': 'SM4-GCM', 'aes-256-gcm': 'AES-256-GCM', 'hmac-sm3': 'HMAC-SM3' }

/** Which keys protect personal data, and their replacement. No key is ever shown. */
export default function Keys() {
  useTitle('密钥与加密')
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const query = useQuery({
    queryKey: ['desk-keys'], queryFn: desk.keys,
    refetchInterval: (q) => (q.state.data?.rotation && !q.state.data.rotation.finished_at ? 2_000 : false),
  })
  const o = query.data
  const running = o?.rotation && !o.rotation.finished_at
  return (
    <>
      <div className="desk-head">
        <h1>密钥与加密</h1>
        <Button type="primary" disabled={!o || Boolean(running)} onClick={() => setAsking(true)}>轮换数据密钥</Button>
      </div>
      <ListState pending={query.isPending} error={query.error} retry={() => void query.refetch()} empty="没有密钥。">
        {o && (
          <>
            <p className="desk-intro">身份证号码、手机号、地址、申请内容、附件和证照文件都加密保存。每个单位有自己的数据密钥，数据密钥由保存在<b>{providers[o.provider]}</b>里的主密钥保护。这里只显示密钥的编号和状态，密钥本身从不离开服务器。</p>
            {o.rotation && <RotationPanel r={o.rotation} />}
            <KeyTable o={o} />
          </>
        )}
      </ListState>
      {asking && <Rotate close={() => setAsking(false)} done={(next) => client.setQueryData(['desk-keys'], next)} />}
    </>
  )
}

function KeyTable({ o }: { o: KeysOverview }) {
  return (
    <table className="desk-table fold">
      <caption className="off">数据密钥</caption>
      <thead><tr><th scope="col">单位</th><th scope="col">编号</th><th scope="col">算法</th><th scope="col">状态</th><th scope="col">生成时间</th></tr></thead>
      <tbody>
        {o.keys.map((k) => (
          <tr key={k.id}>
            <td className="what">{k.purpose === 'blind' ? '查找索引（不随轮换改变）' : k.org ? o.orgs[k.org] ?? '其他单位' : '全市公共'}</td>
            <td className="number">{k.id}</td>
            <td>{algorithms[k.algorithm] ?? k.algorithm}</td>
            <td><StatusTag tone={states[k.state].tone}>{states[k.state].name}</StatusTag></td>
            <td className="number">{minute(k.created_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RotationPanel({ r }: { r: Rotation }) {
  const changed = r.targets.reduce((n, t) => n + t.changed, 0)
  const done = r.targets.filter((t) => t.done).length
  return (
    <section className="desk-panel" aria-labelledby="rotation">
      <h2 id="rotation">{r.finished_at ? '上一次轮换' : '正在轮换'}</h2>
      {!r.finished_at && <Progress percent={Math.floor((100 * done) / Math.max(1, r.targets.length))} aria-label="轮换进度" />}
      <dl className="desk-facts">
        <div><dt>原因</dt><dd>{r.reason || '—'}（{r.started_by}）</dd></div>
        <div><dt>开始</dt><dd>{minute(r.started_at)}</dd></div>
        {r.finished_at ? <div><dt>完成</dt><dd>{minute(r.finished_at)}，旧密钥已停用，没有数据再用它加密。</dd></div>
          : <div><dt>进度</dt><dd>第 {r.pass} 遍，{done}/{r.targets.length} 类数据。轮换期间照常办件；服务器重启后会接着做。</dd></div>}
        <div><dt>已重新加密</dt><dd className="number">{changed.toLocaleString('zh-CN')} 项</dd></div>
      </dl>
    </section>
  )
}

function Rotate({ close, done }: { close: () => void; done: (o: KeysOverview) => void }) {
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [failed, setFailed] = useState('')
  const [busy, setBusy] = useState(false)
  const start = async () => {
    setBusy(true)
    try {
      done(await desk.rotateKeys(reason.trim()))
      void message.success('轮换已开始，可以离开这一页。')
      close()
    } catch (e) {
      setFailed(explain(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Ask title="轮换数据密钥" okText="开始轮换" confirmLoading={busy} okButtonProps={{ disabled: reason.trim().length < 2 }} onOk={() => void start()} onCancel={close}>
      {failed && <Alert className="desk-alert" type="error" showIcon role="alert" title={failed} />}
      <p>各单位会换用新的数据密钥，已有数据在后台分批重新加密，不影响办件。完成后旧密钥停用。</p>
      <LongText label="原因（记入操作留痕）" value={reason} onChange={setReason} max={200} rows={2} placeholder="例如：年度轮换" />
    </Ask>
  )
}
