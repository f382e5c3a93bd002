import type { Case, FormValue, UnmaskedForm } from '@/api'

/** The form with whole values in the places of masked ones. Paths go through lists, too: “shareholders/0/phone”. */
export function withWhole(form: Case['form'], whole: UnmaskedForm | undefined): Case['form'] {
  return (whole?.values ?? []).reduce<Case['form']>((f, v) => put(f, v.path.split('/'), v.value) as Case['form'], form)
}

function put(at: FormValue | undefined, path: string[], value: string): FormValue {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(at)) return at.map((x, i) => (String(i) === key ? put(x, rest, value) : x))
  const object = typeof at === 'object' && at !== null ? at : {}
  return { ...object, [key]: put(object[key], rest, value) }
}
