import { Link } from 'react-router'
import { desk, licences, type Licence, type UnmaskedLicence } from '@/api'
import { FileView } from '@/ui/desk/FileView'
import { Whole } from '@/ui/desk/Unmask'
import { day, minute } from '@/ui/desk/when'

/** One licence: what the register says of it, what is printed on it, and the paper itself. */
export function LicenceDetail({ l }: { l: Licence }) {
  return (
    <>
      <Whole may={l.can_unmask} fetch={(p) => desk.unmaskLicence(l.id, p)}>
        {(whole: UnmaskedLicence | undefined) => <Facts l={whole ? { ...l, holder_code_masked: whole.holder_code, fields: whole.fields } : l} />}
      </Whole>
      <p className="desk-links"><a href={licences.fileHref(l.id, 'ofd')} download>下载盖章原件</a></p>
      <FileView file={{ name: `${l.title}（副本）`, href: `${licences.fileHref(l.id, 'pdf')}&inline=1`, contentType: 'application/pdf' }} />
    </>
  )
}

function Facts({ l }: { l: Licence }) {
  const facts: [string, string][] = [
    ['编号', l.number],
    ['电子证照标识', l.identifier],
    ['持证人', l.holder_name],
    ['证件号码', l.holder_code_masked],
    ['颁发机关', l.issuer_name],
    ['有效期', `${day(l.valid_from)} 至 ${l.valid_to ? day(l.valid_to) : '长期'}`],
    ['状态', l.status === 'valid' ? l.status_text : `${l.status_text}（${minute(l.status_at)}）${l.status_reason}`],
  ]
  const printed = l.fields.filter((f) => !facts.some(([, v]) => v === f.value))
  return (
    <dl className="desk-facts">
        {facts.filter(([, v]) => v).map(([name, v]) => <div key={name}><dt>{name}</dt><dd>{v}</dd></div>)}
        {printed.map((f) => <div key={f.title}><dt>{f.title}</dt><dd>{f.value}</dd></div>)}
        <div><dt>办件</dt><dd><Link to={`/desk/cases/${l.case_no}`}>{l.case_no}</Link></dd></div>
    </dl>
  )
}
