import { createContext, use } from 'react'
import type { Me } from '@/api'

/** Who is signed in. The portal's shell provides it; pages behind it may count on it. */
export const PortalMe = createContext<Me | null>(null)

export function useMe(): Me {
  const me = use(PortalMe)
  if (!me) throw new Error('useMe outside the portal shell')
  return me
}

/** Staff have no applicant behind them and cannot apply. */
export const isApplicant = (me: Me) => me.kind !== 'staff'
