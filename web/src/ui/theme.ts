import type { ThemeConfig } from 'antd'
import { colour, contrastColour, font, shape } from './tokens'
import type { Display } from './display'

/** Ant Design's theme from our tokens. Only the desk imports it: the portal carries no Ant Design. */
export function antdTheme(display: Display): ThemeConfig {
  const c = { ...colour, ...(display.contrast ? contrastColour : {}) }
  return {
    token: {
      colorPrimary: c.action,
      // Ant Design derives paler shades for what is pointed at; text in them would be too faint.
      colorPrimaryHover: c['action-deep'],
      colorLink: c.action,
      colorLinkHover: c['action-deep'],
      colorErrorHover: c.red,
      colorInfo: c.action,
      colorSuccess: c['green-light'],
      colorWarning: c['amber-light'],
      colorError: c['red-light'],
      colorTextBase: c.ink,
      colorTextSecondary: c['ink-2'],
      colorTextTertiary: c['ink-2'],
      colorTextDescription: c['ink-2'],
      colorTextPlaceholder: c['ink-2'],
      colorBgBase: c.paper,
      colorBgLayout: c.ground,
      colorBorder: c.line,
      borderRadius: shape.radiusSmall,
      fontFamily: font.family,
      fontSize: display.elder ? font.elder.size : font.desk.size,
      motion: false,
    },
  }
}
