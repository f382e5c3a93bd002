import { lazy, type ComponentType } from 'react'
import { matchPath } from 'react-router'

interface Spec {
  path: string
  open?: boolean
  load: () => Promise<{ default: ComponentType }>
}

const specs: Spec[] = [
  { path: '/sign-in', open: true, load: () => import('@/features/identity/SignIn') },
  { path: '/register', open: true, load: () => import('@/features/identity/Register') },
  { path: '/apply/:itemId', load: () => import('@/features/intake/Apply') },
  { path: '/my', load: () => import('@/features/intake/My') },
  { path: '/my/cases', load: () => import('@/features/intake/MyCases') },
  { path: '/my/cases/:no', load: () => import('@/features/intake/CasePage') },
  { path: '/my/cases/:no/receipt', load: () => import('@/features/intake/Receipt') },
  { path: '/my/licences', load: () => import('@/features/licence/Licences') },
  { path: '/my/licences/:id', load: () => import('@/features/licence/LicencePage') },
  { path: '/my/privacy/accesses', load: () => import('@/features/privacy-log/Accesses') },
  { path: '/my/notices', load: () => import('@/features/notify/Notices') },
]

/** Every page is a piece of its own: whoever opens one loads no other. */
export const routes = specs.map((s) => ({ ...s, page: lazy(s.load) }))

const find = (pathname: string) => specs.find((s) => matchPath(s.path, pathname))

/** Starts loading the page of an address at once; lazy() then finds it under way. */
export const begin = (pathname: string) => void find(pathname)?.load()
/** Whether the address is for signed-in people only. */
export const needsMe = (pathname: string) => find(pathname)?.open !== true
