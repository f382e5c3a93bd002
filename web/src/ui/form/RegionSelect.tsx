import { useQuery } from '@tanstack/react-query'
import { regions } from '@/api'

interface Props {
  id: string
  label: string
  value: string | undefined
  onChange: (code: string | undefined) => void
}

const city = '421300000000'

/** County, town and village one after the other, from the official division codes. The deepest choice is the value. */
export function RegionSelect({ id, label, value, onChange }: Props) {
  const county = value && value.slice(4, 6) !== '00' ? `${value.slice(0, 6)}000000` : undefined
  const town = value && value.slice(6, 9) !== '000' ? `${value.slice(0, 9)}000` : undefined
  const village = value && value.slice(9) !== '000' ? value : undefined
  return (
    <div className="row">
      <Level id={id} label={`${label}：县（市、区）`} parent={city} value={county} onChange={onChange} />
      {county && <Level id={`${id}-town`} label={`${label}：乡镇（街道）`} parent={county} value={town} onChange={(v) => onChange(v ?? county)} />}
      {town && <Level id={`${id}-village`} label={`${label}：村（社区）`} parent={town} value={village} onChange={(v) => onChange(v ?? town)} />}
    </div>
  )
}

function Level({ id, label, parent, value, onChange }: Props & { parent: string }) {
  const q = useQuery({ queryKey: ['regions', parent], queryFn: () => regions.children(parent), staleTime: Infinity })
  return (
    <select id={id} className="input short" aria-label={label} value={value ?? ''} onChange={(e) => onChange(e.target.value || undefined)}>
      <option value="">{q.isError ? '地区未能载入' : '请选择'}</option>
      {q.data?.rows.map((r) => <option key={r.code} value={r.code}>{r.name}</option>)}
    </select>
  )
}
