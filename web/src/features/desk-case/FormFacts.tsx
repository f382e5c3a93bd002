import { useQuery } from '@tanstack/react-query'
import { cases, forms, type Case, type FormValue, type Schema } from '@/api'
import { minute } from '@/ui/desk/when'

/** What was applied for, in the words of the form, and the documents made so far. */
export function FormFacts({ c }: { c: Case }) {
  const form = useQuery({
    queryKey: ['form', c.form_id, c.form_version],
    queryFn: () => forms.get(c.form_id, c.form_version),
    staleTime: Infinity,
  })
  return (
    <div>
      <section className="desk-panel" aria-labelledby="form">
        <h2 id="form">申请内容</h2>
        <dl className="desk-facts">
          <dt>申请人</dt><dd>{c.applicant_name}（{c.applicant_kind === 'legal' ? '企业或其他组织' : '个人'}）</dd>
          <dt>收到时间</dt><dd>{minute(c.submitted_at)}</dd>
          {form.data && <Facts schema={form.data.schema} root={form.data.schema} value={c.form} />}
        </dl>
        {form.error && <p>表单定义没有读到，请刷新页面再看。</p>}
      </section>
      <section className="desk-panel" aria-labelledby="documents">
        <h2 id="documents">文书</h2>
        {c.documents.length === 0 && <p className="desk-quiet">还没有文书。受理、补正、决定时会自动生成并加盖本部门电子印章。</p>}
        {c.documents.map((d) => (
          <p key={d.id} style={{ margin: '4px 0' }}>
            {d.title}　<span className="desk-quiet">{d.number}　{minute(d.issued_at)}</span>　
            {d.ready
              ? <><a href={`${cases.documentHref(c.case_no, d.id)}?format=pdf`} target="_blank" rel="noreferrer">查看</a>　<a href={`${cases.documentHref(c.case_no, d.id)}?format=ofd`} download>下载盖章文书</a></>
              : <span className="desk-quiet">正在生成</span>}
          </p>
        ))}
        {c.licence && <p style={{ margin: '4px 0' }}>已颁发：{c.licence.name}　<span className="desk-quiet">{c.licence.number}</span></p>}
      </section>
    </div>
  )
}

function resolve(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '')
  return name ? { ...root.$defs?.[name], ...schema, $ref: undefined } : schema
}

function Facts({ schema, root, value }: { schema: Schema; root: Schema; value: unknown }) {
  if (typeof value !== 'object' || value === null) return null
  const given = value as Record<string, FormValue | undefined>
  return Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const field = resolve(raw, root)
    const v = given[name]
    if (v === undefined || v === null || v === '') return null
    if (typeof v === 'object' && !Array.isArray(v)) return <Facts key={name} schema={field} root={root} value={v} />
    return <div key={name} style={{ display: 'contents' }}><dt>{field.title ?? name}</dt><dd>{words(field, root, v)}</dd></div>
  })
}

/** A value as a person would write it: the label of a choice, 是 or 否, a list with separators. */
function words(field: Schema, root: Schema, v: FormValue): string {
  if (Array.isArray(v)) {
    const each = resolve(field.items ?? {}, root)
    return v.map((x) => words(each, root, x)).join('；')
  }
  if (typeof v === 'object' && v !== null) {
    return Object.entries(each(field)).map(([n, s]) => (v[n] === undefined ? '' : `${s.title ?? n}：${words(resolve(s, root), root, v[n])}`)).filter(Boolean).join('，')
  }
  if (typeof v === 'boolean') return v ? '是' : '否'
  return field.oneOf?.find((o) => o.const === v)?.title ?? String(v)
}

const each = (field: Schema) => field.properties ?? {}
