import type { Due, LightColour } from '@/api'
import { dueWords, has } from './time'

const words: Record<LightColour, string> = { green: '时限正常', yellow: '即将到期', red: '已超时限', paused: '暂停计时' }

/** A light is a shape and a word before it is a colour: circle, triangle, square. */
export function Light({ light, text }: { light?: LightColour | ''; text?: string }) {
  if (!light) return null
  return (
    <span className={`light ${light}`}>
      <svg viewBox="0 0 12 12" width=".75em" height=".75em" aria-hidden="true">
        {light === 'green' && <circle cx="6" cy="6" r="5" />}
        {light === 'yellow' && <path d="M6 .5 12 11.5H0Z" />}
        {light === 'paused' && <path d="M1 0h3.500v12H1zM7.500 0H11v12H7.500z" />}
        {light === 'red' && <path d="M.5.5h11v11H.5z" />}
      </svg>
      {text ?? words[light]}
    </span>
  )
}

/** One deadline: what it is, until when, how it stands, and whether the date may still move. */
export function Deadline({ name, value }: { name: string; value?: Due }) {
  if (!value || !has(value.due)) return null
  return (
    <div className="deadline">
      <span className="deadline-name">{name}</span>
      <time dateTime={value.due}>{dueWords(value.due)} 前</time>
      <Light light={value.light} />
      {value.provisional && <span className="small soft">（暂定：明年放假安排公布后可能调整）</span>}
    </div>
  )
}
