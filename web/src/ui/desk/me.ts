import { createContext, use } from 'react'
import type { Me } from '@/api'

/** Who is at the desk. The shell provides it; pages below it may count on it. */
export const MeContext = createContext<Me | null>(null)

export function useMe(): Me {
  const me = use(MeContext)
  if (!me) throw new Error('useMe outside the desk shell')
  return me
}
